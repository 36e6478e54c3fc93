package api

import "github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"

// Finder finds the object that the path of a call names. It fails with 404
// where there is none.
type Finder[T any] func(*model.Org, *Call) (T, error)

// Get answers the object that find finds, as view shows it.
func Get[T, V any](find Finder[T], view func(*model.Org, T) V) Func {
	return On(find, func(o *model.Org, _ *Call, item T) (Answer, error) { return Data(view(o, item)), nil })
}

// Remove answers 204 after drop removed the object that find finds.
func Remove[T any](find Finder[T], drop func(*model.Org, T)) Func {
	return On(find, func(o *model.Org, _ *Call, item T) (Answer, error) {
		drop(o, item)
		return Empty(), nil
	})
}

// On hands handle the object that find finds.
func On[T any](find Finder[T], handle func(*model.Org, *Call, T) (Answer, error)) Func {
	return func(o *model.Org, c *Call) (Answer, error) {
		item, err := find(o, c)
		if err != nil {
			return Answer{}, err
		}
		return handle(o, c, item)
	}
}

// With hands handle the body of the call.
func With[B any](handle func(*model.Org, *Call, B) (Answer, error)) Func {
	return On(readBody[B], handle)
}

// OnWith hands handle the object that find finds and the body.
func OnWith[T, B any](find Finder[T], handle func(*model.Org, *Call, T, B) (Answer, error)) Func {
	return On(find, func(o *model.Org, c *Call, item T) (Answer, error) {
		body, err := readBody[B](o, c)
		if err != nil {
			return Answer{}, err
		}
		return handle(o, c, item, body)
	})
}

// Patch hands handle the object that find finds, and its fields after the JSON
// Patch of the body was applied to them. The object itself is as it was.
func Patch[T, F any](find Finder[T], fields func(T) F, handle func(*model.Org, *Call, T, F) (Answer, error)) Func {
	return On(find, func(o *model.Org, c *Call, item T) (Answer, error) {
		changed, err := ApplyPatch(c, fields(item))
		if err != nil {
			return Answer{}, err
		}
		return handle(o, c, item, changed)
	})
}

func readBody[B any](_ *model.Org, c *Call) (body B, err error) {
	err = c.Decode(&body)
	return body, err
}

// Itself is the view of what is answered as it is stored.
func Itself[T any](_ *model.Org, item T) T { return item }
