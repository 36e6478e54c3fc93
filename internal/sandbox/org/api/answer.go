package api

import (
	"fmt"
	"net/http"
)

// Answer is the result of a call that succeeded.
type Answer struct {
	Status int
	Body   any // to be written as JSON; nil for no body
}

type envelope struct {
	Success bool `json:"success"`
	Data    any  `json:"data"`
}

// Data answers 200 with the envelope that most operations have.
func Data(v any) Answer { return Answer{http.StatusOK, envelope{true, v}} }

// Created is Data with status 201.
func Created(v any) Answer { return Answer{http.StatusCreated, envelope{true, v}} }

// Bare answers without the envelope, as a few operations do.
func Bare(status int, v any) Answer { return Answer{status, v} }

// Empty answers 204.
func Empty() Answer { return Answer{Status: http.StatusNoContent} }

// StatusError is a failure as the API reports it: a status and one free text.
type StatusError struct {
	Status  int
	Message string
}

func (p *StatusError) Error() string { return fmt.Sprintf("%d: %s", p.Status, p.Message) }

// Errorf is a failure with a status and a text.
func Errorf(status int, format string, args ...any) error {
	return &StatusError{status, fmt.Sprintf(format, args...)}
}

// NotFound answers 404: there is no item with that id. Kind is capitalized,
// such as "User" or "Resource configuration".
func NotFound(kind, id string) error {
	return Errorf(http.StatusNotFound, "%s with id %q does not exist", kind, id)
}

// Missing is NotFound for an id in the body: the API answers 400.
func Missing(kind, id string) error {
	return BadRequest("%s with id %q does not exist", kind, id)
}

// BadRequest answers 400.
func BadRequest(format string, args ...any) error {
	return Errorf(http.StatusBadRequest, format, args...)
}

// Forbidden answers 403.
func Forbidden(format string, args ...any) error {
	return Errorf(http.StatusForbidden, format, args...)
}

// Conflict answers 409.
func Conflict(format string, args ...any) error {
	return Errorf(http.StatusConflict, format, args...)
}

// Unprocessable answers 422.
func Unprocessable(format string, args ...any) error {
	return Errorf(http.StatusUnprocessableEntity, format, args...)
}
