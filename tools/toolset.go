package tools

import "strings"

// toolsets gives first path segments that are too small, or too oddly named,
// to stand alone the group they belong to. Every other segment is a group.
var toolsets = map[string]string{
	"info":         "organization",
	"workflow_run": "workflows",
}

// splitToolsets are segments whose second segment decides.
var splitToolsets = map[string]map[string]string{
	"source_control": {"manifests": "releases", "releases": "releases"},
}

// toolsetOf groups tools by where they stand in the API. Tags will not do: the
// document renames them from release to release and gives some operations two.
func toolsetOf(path string) string {
	var static []string
	for segment := range strings.SplitSeq(strings.Trim(path, "/"), "/") {
		if !strings.HasPrefix(segment, "{") && segment != "api" && !version().MatchString(segment) {
			static = append(static, strings.Join(words(segment), "_"))
		}
	}
	if len(static) == 0 || static[0] == "" {
		return "root"
	}
	if len(static) > 1 {
		if set, ok := splitToolsets[static[0]][static[1]]; ok {
			return set
		}
	}
	if set, ok := toolsets[static[0]]; ok {
		return set
	}
	return static[0]
}
