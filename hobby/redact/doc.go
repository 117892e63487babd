// Package redact takes secrets and e-mail addresses out of texts before they
// are stored: API keys and tokens of the common providers, private keys, JSON
// Web Tokens, passwords in addresses, authorization headers, and what is
// assigned to a name such as password or api_key and looks like a secret.
//
// Each secret is replaced by a mark that says what was there, such as
// "[redacted: GitHub token]". Lines stay where they are. What was found is
// counted by rule, and kept and logged nowhere.
//
// It finds forms that are known. It is no guarantee: a password in a sentence, a
// key of a provider that is not listed, a name, a street address or a telephone
// number stays. Hashes, UUIDs, base64 of ordinary data and import paths are left
// alone unless their name says that they are secret. An account on a machine that
// is written as an e-mail address is, with the full name of the machine, is taken
// for one; git@host, user@host:/path and the user of a URL (https://user@host)
// are not.
//
// # Cost
//
// The text is read once, by an automaton that looks for what secrets begin with;
// only there an RE2 expression is tried, over a bounded stretch. The time is
// linear in the text, whatever is in it. A text without secrets is returned as it
// is, without allocation.
package redact
