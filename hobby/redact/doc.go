// Package redact removes secrets and e-mail addresses from texts before they are
// stored: API keys and tokens of the common providers, private keys, JSON Web
// Tokens, passwords in addresses, authorization headers, and values that look
// like a secret and are assigned to a name such as password or api_key.
//
// Each secret is replaced by a mark that names its form, such as "[redacted:
// GitHub token]". Lines keep their numbers. Secrets are counted by rule. They are
// not kept or logged.
//
// It finds known forms, and is no guarantee. A password in a sentence, a key of a
// provider that is not listed, a name, a street address or a telephone number
// stays. Hashes, UUIDs, base64 of ordinary data and import paths stay unless
// their name says that they are secret. An account with the full name of its
// machine looks like an e-mail address and is removed. git@host, user@host:/path
// and the user of a URL (https://user@host) stay.
//
// # Cost
//
// An automaton reads the text once and looks for the beginnings of secrets. Only
// there an RE2 expression is tried, over a bounded number of bytes. The time is
// linear in the size of every text. A text without secrets is returned as it is,
// without allocation.
package redact
