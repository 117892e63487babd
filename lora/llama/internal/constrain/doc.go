// Package constrain says which tokens may come next when an answer must be JSON
// that matches a JSON Schema.
//
// A schema becomes an automaton over bytes with a stack: one [node] per kind of
// value, and a stack of frames for the values that are open. Where a schema
// leaves a choice (anyOf, optional properties), all open choices are followed at
// once. A set of stacks is a state. States are made when they are first reached,
// and kept with their transitions and masks, so reaching one again costs one
// look-up.
//
// Each state has the fewest bytes that lead to an end. A vocabulary has a token
// for each byte that JSON needs, so that number bounds the tokens, too. A mask
// leaves out the tokens that would make it impossible to finish within the
// remaining tokens.
//
// The texts that can be written are a part of those that the schema accepts:
//   - properties come in the order of the schema, additional ones last, their
//     names in ASCII without quotes and backslashes; properties that are not
//     declared come only when additionalProperties says so or when no properties
//     are declared; the name of an additional one may come again;
//   - white space is at most one space after a colon or a comma;
//   - numbers have at most 15 digits before and 15 after the point (12 and 6 when
//     they have bounds), and integers have no point and no exponent;
//   - strings with a pattern are in printable ASCII, patterns are RE2's;
//   - format is an annotation, as in JSON Schema 2020-12 by default;
//   - a value without a type has the types that its other keywords apply to.
//
// A keyword that is not supported is an error that names it and its place.
package constrain
