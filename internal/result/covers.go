package result

import (
	"strconv"
	"strings"
	"time"

	"github.com/retool-mcp/retool-mcp/internal/jsonvalue"
	"github.com/retool-mcp/retool-mcp/internal/text"
	"github.com/retool-mcp/retool-mcp/tools"
)

// covers says what the numbers of an answer cover, such as days and spaces, from the
// arguments of the call; "" where the tool does not tell. An agent that left an argument
// out learns here what that means.
func covers(call *tools.Call) string {
	if call.Tool.Covers == "" {
		return ""
	}
	arguments, err := jsonvalue.Parse(RedactedArguments(call))
	if err != nil {
		return ""
	}
	given := func(name string) string {
		const longest = 200
		return text.Clip(text.OneLine(text.EscapeInvisible(arguments.Member(name).Str())), longest)
	}
	var out strings.Builder
	for rest := call.Tool.Covers; rest != ""; {
		before, after, found := strings.Cut(rest, "{")
		out.WriteString(before)
		var hole string
		if hole, rest, _ = strings.Cut(after, "}"); !found {
			break
		}
		name, otherwise, _ := strings.Cut(hole, "|")
		if value := given(name); value != "" {
			out.WriteString(value)
			continue
		}
		words := strings.Split(otherwise, " ")
		for i, word := range words {
			if name, days, sum := strings.Cut(word, "+"); sum {
				words[i] = later(given(name), days)
			}
		}
		out.WriteString(strings.Join(words, " "))
	}
	return "Covers " + out.String() + "."
}

// later is a date so many days later, in words if it is no date.
func later(date, days string) string {
	n, err := strconv.Atoi(days)
	day, wrong := time.Parse(time.DateOnly, date)
	if err != nil || wrong != nil {
		return days + " days later"
	}
	return day.AddDate(0, 0, n).Format(time.DateOnly)
}
