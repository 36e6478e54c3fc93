package seed

// workflowPlan is a workflow; one without a crontab is started by a webhook.
type workflowPlan struct {
	name, description, folder string
	crontab, timezone         string
	protected, disabled       bool
	memory                    int
	task, team                string // what it asks people for, and those of which group
}

// plannedWorkflows stand in the order in which a smaller organization has them.
var plannedWorkflows = []workflowPlan{
	{name: "Nightly stock sync", description: "Counts of all stores into Inventory DB.", folder: "Nightly jobs>Stock", crontab: "0 2 * * *", timezone: "Europe/Oslo", protected: true, memory: 2048},
	{name: "Refund approval", description: "Asks Finance about refunds above the limit.", folder: "Approvals", protected: true, task: "Approve the refund", team: "Finance"},
	{name: "Payroll export", description: "Hands the month over to the bank.", folder: "Finance", crontab: "0 6 25 * *", timezone: "Europe/Oslo", protected: true, task: "Release the bank file", team: "Payroll Admins"},
	{name: "Order anomaly alerts", folder: "Alerts", crontab: "*/15 * * * *", timezone: "UTC", protected: true},
	{name: "New vendor check", description: "Tax number, sanctions list, then a person.", folder: "Approvals", task: "Check the vendor", team: "Operations"},
	{name: "Carrier invoice match", folder: "Finance", crontab: "30 5 * * 1-5", timezone: "Europe/Amsterdam", task: "Settle the difference", team: "Finance"},
	{name: "Wake the on-call", description: "Pages whoever has the shift.", folder: "Alerts>Pager"},
	{name: "Loyalty points expiry", folder: "Nightly jobs", crontab: "15 3 1 * *", timezone: "Europe/Oslo"},
	{name: "Returns digest", description: "Mail to Support every morning.", folder: "Nightly jobs", crontab: "0 7 * * 1-5", timezone: "Europe/London"},
	{name: "Duplicate customers", folder: "Data quality", crontab: "0 4 * * 0", timezone: "UTC", memory: 4096},
	{name: "Warranty photo review", folder: "Approvals", task: "Look at the photos", team: "Support"},
	{name: "Price change rollout", folder: "Approvals", task: "Confirm the new prices", team: "Store Managers"},
	{name: "在庫アラート", description: "東京・大阪の在庫が少ないとき。", folder: "Nightly jobs>Stock", crontab: "0 9 * * *", timezone: "Asia/Tokyo"},
	{name: "EMEA replenishment", folder: "Nightly jobs>Stock>EMEA", crontab: "30 1 * * *", timezone: "Europe/Berlin"},
	{name: "Broken links \"404\"", folder: "Data quality", crontab: "0 12 * * 3", timezone: "UTC"},
	{name: "Onboard a colleague", description: "Accounts, laptop, badge.", task: "Hand out the laptop", team: "Engineering"},
	{name: "Offboard a colleague", description: "Takes all of it back.", task: "Collect the badge", team: "Operations"},
	{name: "Newsletter sync", folder: "Nightly jobs", crontab: "45 2 * * *", timezone: "Europe/Paris"},
	{name: "Influencer payouts", folder: "Finance", crontab: "0 8 1 * *", timezone: "Europe/Madrid", task: "Approve the payout", team: "Finance"},
	{name: "Cloud cost report", folder: "Data quality", crontab: "0 8 * * 1", timezone: "UTC"},
	{name: "Snapshot ledgers", folder: "Finance", crontab: "59 23 * * *", timezone: "Europe/Oslo", memory: 1024},
	{name: "Legacy shop import", description: "Switched off with Shop 1.0.", folder: "Nightly jobs", crontab: "0 * * * *", timezone: "Europe/Oslo", disabled: true},
	{name: "Footfall upload", folder: "Nightly jobs", crontab: "10 22 * * *", timezone: "Europe/Oslo", disabled: true},
	{name: "untitled workflow", folder: "Scratch \\ temp", disabled: true},
	{name: "Jane's macro test", description: "Please keep, used for the VIP queue!", folder: "Scratch \\ temp"},
}

// storeWorkflows are what each shop has in larger organizations.
var storeWorkflows = []workflowPlan{
	{name: "Till close", folder: "Nightly jobs", crontab: "30 21 * * *", timezone: "Europe/Oslo"},
	{name: "Stock alert", folder: "Alerts"},
	{name: "Roster approval", folder: "Approvals", task: "Approve the roster", team: "Store Managers"},
}
