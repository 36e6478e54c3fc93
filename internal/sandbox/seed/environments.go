package seed

import (
	"strconv"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

func (b *builder) environments() {
	for i := range b.sizes.Environments - b.Environments.Len() {
		e := model.Environment{ID: b.UUID(), Name: "env-" + strconv.Itoa(i+3), Color: "#64748B", CreatedAt: b.spread(i, b.sizes.Environments)}
		if i < len(plan().Environments) {
			more := plan().Environments[i]
			e.Name, e.Description, e.Color = more.Name, optional(more.Description), more.Color
		}
		e.UpdatedAt = b.since(e.CreatedAt)
		b.Environments.Put(&e)
	}
	for e := range b.Environments.All() {
		if e.Default {
			e.Description = new("What customers see")
		}
		b.stages = append(b.stages, e)
	}
}

func (b *builder) variables() {
	planned := plan().Variables
	if b.space {
		planned = planned[:6]
	}
	for _, p := range planned {
		v := model.Variable{
			ID: b.UUID(), Name: p.Name, Description: optional(p.Description), Secret: p.Secret,
			Values: []model.VariableValue{}, DefaultValue: optional(p.Standard),
		}
		for i, e := range b.stages {
			if p.Standard != "" && i > 0 {
				break
			}
			value := b.inPlace(p.Value, e)
			if p.Secret {
				value = b.secret(value, 24)
			}
			v.Values = append(v.Values, model.VariableValue{EnvironmentID: e.ID, Value: value})
		}
		b.Variables.Put(&v)
	}
}

func (b *builder) observability() {
	b.Observability.Put(&model.Observability{ID: b.UUID(), Enabled: true, Config: object(map[string]any{
		"provider": "Sentry",
		"dsn":      "https://" + b.secret("", 32) + "@errors." + b.zone + "/4501",
		"ca_certs": []string{},
	})})
	b.Observability.Put(&model.Observability{ID: b.UUID(), Enabled: false, Config: object(map[string]any{
		"provider": "Datadog", "api_key": b.secret("dd-", 32), "site": "EU1",
	})})
}
