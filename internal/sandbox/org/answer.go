package org

import (
	"fmt"
	"net/http"
)

// Answer is what a call that succeeded comes back with.
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

// NotFound says that there is no such thing, in the API's words: kind is
// capitalized, such as "User" or "Resource configuration".
func NotFound(kind, id string) error {
	return &StatusError{http.StatusNotFound, fmt.Sprintf("%s with id %q does not exist", kind, id)}
}

// Missing is NotFound where the id stands in the body: the API answers 400.
func Missing(kind, id string) error {
	return BadRequest("%s with id %q does not exist", kind, id)
}

// BadRequest answers 400.
func BadRequest(format string, args ...any) error {
	return &StatusError{http.StatusBadRequest, fmt.Sprintf(format, args...)}
}

// Forbidden answers 403.
func Forbidden(format string, args ...any) error {
	return &StatusError{http.StatusForbidden, fmt.Sprintf(format, args...)}
}

// Conflict answers 409.
func Conflict(format string, args ...any) error {
	return &StatusError{http.StatusConflict, fmt.Sprintf(format, args...)}
}

// Unprocessable answers 422.
func Unprocessable(format string, args ...any) error {
	return &StatusError{http.StatusUnprocessableEntity, fmt.Sprintf(format, args...)}
}
