// Package wire is the protocol between the program and the child process that runs
// a script: frames of four bytes of length, big-endian, and one message as JSON.
//
// Neither side trusts the other's frames: a length beyond MaxFrame ends the
// connection. The package must not know what messages mean.
package wire

import "encoding/json"

// MaxFrame is how large a message may be, in bytes. MaxMessage is that for one of the
// child.
const (
	MaxFrame   = 32 << 20
	MaxMessage = 8 << 20
)

// Begin is the first message of the parent: what to run.
type Begin struct {
	// Code is the program, Args the value of args in it, a JSON value or nothing.
	Code string          `json:"code"`
	Args json.RawMessage `json:"args,omitempty"`
	// Mode is what becomes of writes.
	Mode Mode `json:"mode"`
	// Functions are those of retool.
	Functions []Function `json:"functions"`
	// Seed is that of Math.random.
	Seed uint64 `json:"seed"`
	// Clock is the time that stands still, in milliseconds since 1970; 0 lets the
	// child ask for it when the script first needs it.
	Clock int64 `json:"clock,omitempty"`
	// Memory is the VM's limit in bytes. Deadline is what is left, in milliseconds.
	Memory   int64 `json:"memory"`
	Deadline int64 `json:"deadline"`
}

// Mode says what becomes of the writes of a script.
type Mode string

// The modes.
const (
	Query Mode = "query" // there are none
	Plan  Mode = "plan"  // they are recorded; sleep returns at once
	Apply Mode = "apply" // they are made, if they are planned
)

// Function is a tool that a script may call.
type Function struct {
	Name string `json:"name"`
	// Writes tells that it is no reading operation.
	Writes bool `json:"writes,omitempty"`
	// Instead says why the function cannot be called, and what to call in its place;
	// "" for one that can. It is the text of the error.
	Instead string `json:"instead,omitempty"`
}

// Kind is what a message of the child is.
type Kind string

// The kinds of messages of the child.
const (
	Call   Kind = "call"   // ID, Name, Args, Line: call a tool; answered with a Reply
	Clock  Kind = "clock"  // ID: what time is it; the child waits for the Reply
	Log    Kind = "log"    // Text: console.log
	Save   Kind = "save"   // ID, Name, Args: write rows to a file; answered with a Reply
	Ended  Kind = "ended"  // Text, Line: the plan ends here; the child runs no further
	Done   Kind = "done"   // Args, Form: the program returned a value; the last message
	Failed Kind = "failed" // Error: the program failed; the last message
)

// Message is one of the child.
type Message struct {
	Kind  Kind            `json:"kind"`
	ID    int             `json:"id,omitempty"` // from 1, ascending
	Name  string          `json:"name,omitempty"`
	Args  json.RawMessage `json:"args,omitempty"`
	Line  int             `json:"line,omitempty"`
	Text  string          `json:"text,omitempty"`
	Form  Form            `json:"form,omitempty"`
	Error *Error          `json:"error,omitempty"`
	// Notes are for the reader of the result: "line 3: Map returned as an object".
	Notes []string `json:"notes,omitempty"`
}

// Form says what kind of value a program returned.
type Form string

// The forms.
const (
	Nothing Form = "nothing" // undefined
	Text    Form = "text"    // Args is a JSON string, to be shown as it is
	JSON    Form = "json"    // Args is any other value
)

// Error is what a script threw, or throws when its call failed.
type Error struct {
	// Message is that of the tool, or of JavaScript.
	Message string `json:"message"`
	// Operation and Status are those of a failed call.
	Operation string `json:"operation,omitempty"`
	Status    int    `json:"status,omitempty"`
	Line      int    `json:"line,omitempty"`
	// Caught tells that the script caught the error of a call and went on.
	Caught bool `json:"caught,omitempty"`
	// TimedOut tells that the time of the script was over.
	TimedOut bool `json:"timed_out,omitempty"`
}

// Reply answers a message of the child. The child settles promises in the order of
// their ids, whatever the order of the replies, so that two runs do the same.
type Reply struct {
	ID int `json:"id"`
	// Value is the answer: a list as an array of all its items.
	Value json.RawMessage `json:"value,omitempty"`
	// List is set where Value is a list.
	List *List `json:"list,omitempty"`
	// Fields are the documented fields of Value, or of its items, as dot paths; none where
	// a script cannot know them.
	Fields []string `json:"fields,omitempty"`
	// Placeholder is set in its place for a planned write, and a read with a
	// placeholder in its arguments.
	Placeholder *Placeholder `json:"placeholder,omitempty"`
	Error       *Error       `json:"error,omitempty"`
	// Ended says why the plan ends where the script gets this reply, "" if it does not.
	Ended string `json:"ended,omitempty"`
	// Clock is the answer to Clock.
	Clock int64 `json:"clock,omitempty"`
}

// List is what is known of a list besides its items.
type List struct {
	Total     int    `json:"total,omitempty"`
	More      bool   `json:"more,omitempty"`
	NextToken string `json:"next_token,omitempty"`
}

// Placeholder is a value that a plan does not know.
type Placeholder struct {
	// Name is that of its step, "create_group#1", or of its read, "get_group#1".
	Name string `json:"name"`
	// Fields are the names that the answer can have, nil if they are not known.
	Fields []string `json:"fields,omitempty"`
}

// TooManyCalls ends a script that makes more calls than a number.
const TooManyCalls = "the script makes more than %d calls: read lists, with filters, in place of single objects, or split it by args"
