package model

import "github.com/go-json-experiment/json/jsontext"

// Environment has values of its own for resources and variables.
type Environment struct {
	ID          string  `json:"id"`
	Name        string  `json:"name"`
	Description *string `json:"description"`
	Color       string  `json:"color"` // "#FF5733"
	Default     bool    `json:"default"`
	CreatedAt   Time    `json:"created_at"`
	UpdatedAt   Time    `json:"updated_at"`
}

// Key is the environment's id.
func (e *Environment) Key() string { return e.ID }

// Resource is a connection to a database or service.
type Resource struct {
	ID          string  `json:"id"` // a uuid
	Type        string  `json:"type"`
	DisplayName string  `json:"display_name"`
	FolderID    *string `json:"folder_id"`
	Protected   bool    `json:"protected"`
	CreatedAt   Time    `json:"created_at"`
	UpdatedAt   Time    `json:"updated_at"`
}

// Key is the resource's id.
func (r *Resource) Key() string { return r.ID }

// Configuration has the options of a resource in one environment.
type Configuration struct {
	ID            string         `json:"id"`
	ResourceID    string         `json:"resource_id"`
	EnvironmentID string         `json:"environment_id"`
	Options       jsontext.Value `json:"options"` // an object, secrets in clear
	CreatedAt     Time           `json:"created_at"`
	UpdatedAt     Time           `json:"updated_at"`
}

// Key is the configuration's id.
func (c *Configuration) Key() string { return c.ID }

// Variable is a configuration variable. Secret values are in clear text here, and
// EncryptedMask in answers.
type Variable struct {
	ID           string          `json:"id"`
	Name         string          `json:"name"`
	Description  *string         `json:"description,omitzero"`
	Secret       bool            `json:"secret"`
	Values       []VariableValue `json:"values"`
	DefaultValue *string         `json:"default_value"`
}

// VariableValue is a variable's value in one environment.
type VariableValue struct {
	EnvironmentID string `json:"environment_id"`
	Value         string `json:"value"`
}

// Key is the variable's id.
func (v *Variable) Key() string { return v.ID }

// EncryptedMask replaces secrets in answers.
const EncryptedMask = "---encrypted-on-server---"

// Observability is a provider that receives errors.
type Observability struct {
	ID      string         `json:"id"`
	Config  jsontext.Value `json:"config"` // an object with its provider, secrets in clear
	Enabled bool           `json:"enabled"`
}

// Key is the configuration's id.
func (o *Observability) Key() string { return o.ID }
