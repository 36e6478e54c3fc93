// Package text has what every package does to text of unknown origin. There is
// one idea of what is invisible, [Invisible], and three families of functions:
//
//   - [RemoveInvisible] and [OneLine] are for text that agents and people read:
//     what they do not see is gone;
//   - [EscapeInvisible] and [Quote] are for text that must show what it holds:
//     arguments, the audit log, JSON, dry runs, confirmations, errors that
//     repeat an argument;
//   - [Clip], [ClipRunes] and [ClipWords] cut a text at a boundary.
package text
