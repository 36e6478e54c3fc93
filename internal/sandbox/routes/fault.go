package routes

import (
	"fmt"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// describe words the first thing that is wrong, as the real API does: one text
// that names the place with dots, "Invalid uuid type for body parameter: object.id".
func describe(e *jsonschema.ValidationError, where string, at []string) string {
	e = first(e)
	place := func(more ...string) string {
		return strings.Join(slices.Concat(at, e.InstanceLocation, more), ".")
	}
	switch k := e.ErrorKind.(type) {
	case *kind.Required:
		return fmt.Sprintf("Missing required %s: %s", where, place(k.Missing[0]))
	case *kind.AdditionalProperties:
		return fmt.Sprintf("Unknown %s: %s", where, place(k.Properties[0]))
	case *kind.Type:
		return fmt.Sprintf("Invalid %s type for %s: %s", strings.Join(k.Want, " or "), where, place())
	case *kind.Format:
		return fmt.Sprintf("Invalid %s type for %s: %s", k.Want, where, place())
	case *kind.Enum:
		return fmt.Sprintf("Invalid enum value for %s: %s", where, place())
	case *kind.MinLength, *kind.MinItems, *kind.MinProperties:
		return fmt.Sprintf("Value too short for %s: %s", where, place())
	case *kind.MaxLength, *kind.MaxItems:
		return fmt.Sprintf("Value too long for %s: %s", where, place())
	case *kind.Minimum, *kind.Maximum:
		return fmt.Sprintf("Value out of range for %s: %s", where, place())
	default:
		return fmt.Sprintf("Invalid value for %s: %s", where, place())
	}
}

// first is the fault to speak of. In a union it is one of the branch that the
// value nearly is, else the first by its place: the order must not be chance.
func first(e *jsonschema.ValidationError) *jsonschema.ValidationError {
	for len(e.Causes) > 0 {
		order := byPlace
		switch e.ErrorKind.(type) {
		case *kind.AnyOf, *kind.OneOf:
			order = byFaults
		}
		e = slices.MinFunc(e.Causes, order)
	}
	return e
}

func byPlace(a, b *jsonschema.ValidationError) int {
	return slices.Compare(a.InstanceLocation, b.InstanceLocation)
}

func byFaults(a, b *jsonschema.ValidationError) int { return faults(a) - faults(b) }

// faults counts what is wrong. A word that does not fit counts most: it tells
// the branches of a union apart, as "type" and "provider" do.
func faults(e *jsonschema.ValidationError) int {
	if len(e.Causes) == 0 {
		if _, ok := e.ErrorKind.(*kind.Enum); ok {
			return 100
		}
		return 1
	}
	sum := 0
	for _, cause := range e.Causes {
		sum += faults(cause)
	}
	return sum
}
