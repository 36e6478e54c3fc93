package org

func getSourceControlSettings(o *Org, _ *Call) (Answer, error) {
	return Data(o.SourceControl.Settings), nil
}

// replaceSourceControlSettings leaves alone what the body does not name.
func replaceSourceControlSettings(o *Org, c *Call) (Answer, error) {
	body := struct {
		Settings SourceControlSettings `json:"settings"`
	}{o.SourceControl.Settings}
	if err := c.decode(&body); err != nil {
		return Answer{}, err
	}
	o.SourceControl.Settings = body.Settings
	return Data(body.Settings), nil
}
