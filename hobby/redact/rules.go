package redact

// Rules returns the rules of [Default]. The providers' forms come from their
// documentation and from gitleaks' list (v8). Where a length is not documented,
// or has grown over time, a rule requires the shortest known length.
func Rules() []Rule {
	var all []Rule
	for _, t := range tokens {
		all = append(all, Rule{Name: t.name, Starts: t.starts, Back: t.back, Edge: t.edge, Pattern: t.pattern, Most: t.most, Secret: t.secret})
	}
	return append(all, assignments()...)
}

// token is a rule for a secret that its form alone shows.
type token struct {
	name    string
	starts  []string
	pattern string
	edge    Edge
	back    int
	most    int
	secret  func(string) bool
}

var tokens = []token{
	{name: "private key", starts: []string{"-----BEGIN "}, pattern: privateKey, edge: Anywhere, most: 16 << 10},
	{name: "private key", starts: []string{"AGE-SECRET-KEY-1"}, pattern: `AGE-SECRET-KEY-1[0-9A-Z]{58}`, edge: Anywhere},
	{name: "private key", starts: []string{"SU", "SA", "SO", "SN", "SC", "SX"},
		pattern: `S[UAONCX][A-Z2-7]{56}\b`, secret: mixed}, // NATS' nkeys
	{name: "JSON Web Token", starts: []string{"eyJ"}, edge: Dashed, most: 4 << 10,
		pattern: `eyJ[\w-]{8,}\.eyJ[\w-]{8,}(?:\.[\w-]{8,})?|eyJ[\w-]{8,}\.[\w-]*\.[\w-]{16,}(?:\.[\w-]+){2}`},

	// Clouds and machines.
	{name: "AWS access key", starts: []string{"AKIA", "ASIA", "ABIA", "ACCA"}, pattern: `A(?:KIA|SIA|BIA|CCA)[A-Z2-7]{16}\b`},
	{name: "AWS access key", starts: []string{"ABSK"}, pattern: `ABSK[A-Za-z0-9+/]{109,269}={0,2}`},
	{name: "Google API key", starts: []string{"AIza"}, pattern: `AIza[\w-]{35}`, edge: Dashed},
	{name: "Google token", starts: []string{"GOCSPX-"}, pattern: `GOCSPX-[\w-]{28}`, edge: Dashed},
	{name: "Google token", starts: []string{"ya29."}, pattern: `ya29\.[\w-]{30,}`, edge: Dashed},
	{name: "Azure secret", starts: []string{"Q~"}, back: 4, pattern: `[\w.~]{3}[0-9]Q~[\w.~-]{31,34}`, edge: Dashed},
	{name: "Alibaba access key", starts: []string{"LTAI"}, pattern: `LTAI[A-Za-z0-9]{12,20}\b`, secret: mixed},
	{name: "Tencent access key", starts: []string{"AKID"}, pattern: `AKID[A-Za-z0-9]{32}\b`},
	{name: "DigitalOcean token", starts: []string{"dop_v1_", "doo_v1_", "dor_v1_"}, pattern: `do[por]_v1_[a-f0-9]{64}`},
	{name: "Databricks token", starts: []string{"dapi"}, pattern: `dapi[a-f0-9]{32}(?:-[0-9])?\b`},
	{name: "Heroku key", starts: []string{"HRKU-AA"}, pattern: `HRKU-AA[\w-]{58}`, edge: Dashed},
	{name: "Fly.io token", starts: []string{"fo1_", "fm1a_", "fm1r_", "fm2_"},
		pattern: `fo1_[\w-]{43}|fm(?:1[ar]|2)_[A-Za-z0-9+/]{100,}={0,3}`, edge: Dashed},
	{name: "Netlify token", starts: []string{"nfp_"}, pattern: `nfp_[A-Za-z0-9]{36}`},
	{name: "Supabase key", starts: []string{"sbp_", "sb_secret_"}, pattern: `sbp_[a-f0-9]{40}|sb_secret_[\w-]{31}`, edge: Dashed},
	{name: "PlanetScale token", starts: []string{"pscale_"}, pattern: `pscale_(?:tkn|oauth|pw)_[\w=.-]{32,64}`, edge: Dashed},
	{name: "HashiCorp token", starts: []string{"hvs.", "hvb.", "hvr."}, pattern: `hv[sbr]\.[\w-]{24,300}`, edge: Dashed},
	{name: "HashiCorp token", starts: []string{".atlasv1."}, back: 14, pattern: `[A-Za-z0-9]{14}\.atlasv1\.[\w=-]{60,70}`},
	{name: "Pulumi token", starts: []string{"pul-"}, pattern: `pul-[a-f0-9]{40}\b`, edge: Dashed},
	{name: "Doppler token", starts: []string{"dp.pt.", "dp.st.", "dp.ct.", "dp.sa.", "dp.scim.", "dp.audit."},
		pattern: `dp\.(?:pt|st|ct|sa|scim|audit)\.(?:[\w-]{2,35}\.)?[A-Za-z0-9]{40,44}`},
	{name: "Tailscale key", starts: []string{"tskey-"}, pattern: `tskey-[a-z]+-[A-Za-z0-9]+-[A-Za-z0-9]{20,}`, edge: Dashed},
	{name: "1Password token", starts: []string{"ops_eyJ"}, pattern: `ops_eyJ[A-Za-z0-9+/]{200,}={0,3}`, most: 4 << 10},
	{name: "1Password token", starts: []string{"A3-"},
		pattern: `A3-[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})(?:-[A-Z0-9]{5}){3}\b`, edge: Dashed},

	// Code and packages.
	{name: "GitHub token", starts: []string{"ghp_", "gho_", "ghu_", "ghs_", "ghr_"}, pattern: `gh[pousr]_[A-Za-z0-9]{36,251}`},
	{name: "GitHub token", starts: []string{"github_pat_"}, pattern: `github_pat_[A-Za-z0-9_]{50,100}`},
	{name: "GitLab token", edge: Dashed,
		starts:  []string{"glpat-", "gldt-", "glft-", "glimt-", "glagent-", "gloas-", "glptt-", "glrt-", "glsoat-", "glcbt-", "glffct-"},
		pattern: `gl(?:pat|dt|ft|imt|agent|oas|ptt|rt|soat|cbt|ffct)-[\w-]{20,300}(?:\.[0-9a-z]{2}\.?[0-9a-z]{7})?`, secret: mixed},
	{name: "Bitbucket or Jira token", starts: []string{"ATATT3", "ATCTT3", "ATBB"},
		pattern: `AT[AC]TT3[\w=-]{100,}|ATBB[A-Za-z0-9]{32}\b`, edge: Dashed},
	{name: "npm token", starts: []string{"npm_"}, pattern: `npm_[A-Za-z0-9]{36}\b`},
	{name: "PyPI token", starts: []string{"pypi-AgEI"}, pattern: `pypi-AgEI[\w-]{50,}`, edge: Dashed, most: 1100},
	{name: "RubyGems key", starts: []string{"rubygems_"}, pattern: `rubygems_[a-f0-9]{48}`},
	{name: "crates.io token", starts: []string{"cio"}, pattern: `cio[A-Za-z0-9]{32}\b`, secret: mixed},
	{name: "NuGet key", starts: []string{"oy2"}, pattern: `oy2[a-z0-9]{43}\b`},
	{name: "Docker token", starts: []string{"dckr_pat_", "dckr_oat_"}, pattern: `dckr_[po]at_[\w-]{27,}`, edge: Dashed},
	{name: "Artifactory token", starts: []string{"AKCp", "cmVmd"}, pattern: `AKCp[A-Za-z0-9]{69}\b|cmVmd[A-Za-z0-9]{59}\b`},
	{name: "Postman key", starts: []string{"PMAK-"}, pattern: `PMAK-[a-f0-9]{24}-[a-f0-9]{34}`, edge: Dashed},

	// Models.
	{name: "Anthropic key", starts: []string{"sk-ant-"}, pattern: `sk-ant-[a-z]+[0-9]*-[\w-]{16,}`, edge: Dashed, secret: mixed},
	{name: "OpenAI key", starts: []string{"sk-"},
		pattern: `sk-(?:(?:proj|svcacct|admin)-[\w-]{16,}|[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20})`, edge: Dashed, secret: mixed},
	{name: "API key", starts: []string{"sk-"}, pattern: `sk-[\w-]{20,}`, edge: Dashed, secret: random},
	{name: "Hugging Face token", starts: []string{"hf_", "api_org_"}, pattern: `(?:hf|api_org)_[A-Za-z0-9]{34,}`},
	{name: "Groq key", starts: []string{"gsk_"}, pattern: `gsk_[A-Za-z0-9]{40,}`},
	{name: "xAI key", starts: []string{"xai-"}, pattern: `xai-[A-Za-z0-9]{60,}`, edge: Dashed},
	{name: "Perplexity key", starts: []string{"pplx-"}, pattern: `pplx-[A-Za-z0-9]{40,}`, edge: Dashed},
	{name: "Replicate token", starts: []string{"r8_"}, pattern: `r8_[A-Za-z0-9]{37}\b`},

	// Money and messages.
	{name: "Stripe key", starts: []string{"sk_live_", "sk_test_", "sk_prod_", "rk_live_", "rk_test_", "rk_prod_"},
		pattern: `[sr]k_(?:live|test|prod)_[A-Za-z0-9]{10,}`},
	{name: "Stripe key", starts: []string{"whsec_"}, pattern: `whsec_[A-Za-z0-9+/]{24,}={0,2}`},
	{name: "Square token", starts: []string{"sq0atp-", "sq0csp-"}, pattern: `sq0(?:atp-[\w-]{22,60}|csp-[\w-]{43,})`, edge: Dashed},
	{name: "Shopify token", starts: []string{"shpat_", "shpca_", "shppa_", "shpss_"}, pattern: `shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}`},
	{name: "Slack token", starts: []string{"xoxa-", "xoxb-", "xoxe-", "xoxe.", "xoxo-", "xoxp-", "xoxr-", "xoxs-", "xapp-"}, secret: mixed,
		pattern: `xox[abopres][-.](?:xox[bp]-)?[A-Za-z0-9-]{10,}|xapp-[0-9]-[A-Z0-9]+-[0-9]+-[a-z0-9]+`, edge: Dashed},
	{name: "webhook", starts: []string{"hooks.slack.com/"},
		pattern: `(?i)hooks\.slack\.com/(?:services|workflows|triggers)/([A-Za-z0-9+/]{20,80})`},
	{name: "webhook", starts: []string{"discord.com/api/webhooks/", "discordapp.com/api/webhooks/"},
		pattern: `(?i)discord(?:app)?\.com/api/webhooks/([0-9]+/[\w-]{50,})`},
	{name: "Telegram token", starts: []string{":AA"}, back: 10, edge: Anywhere, pattern: `(?s:..??)??([0-9]{8,10}:AA[\w-]{32,34})`},
	{name: "Twilio key", starts: []string{"SK"}, pattern: `SK[0-9a-f]{32}\b`},
	{name: "SendGrid key", starts: []string{"SG."}, pattern: `SG\.[\w-]{16,32}\.[\w-]{32,64}`, edge: Dashed},
	{name: "Mailgun key", starts: []string{"key-"}, pattern: `key-[0-9a-f]{32}\b`, edge: Dashed},
	{name: "Mailchimp key", starts: []string{"-us"}, back: 32, pattern: `[0-9a-f]{32}-us[0-9]{1,2}\b`},
	{name: "Sendinblue key", starts: []string{"xkeysib-"}, pattern: `xkeysib-[a-f0-9]{64}-[A-Za-z0-9]{16}`, edge: Dashed},
	{name: "Meta token", starts: []string{"EAAM", "EAAC", "EAAG"}, pattern: `EAA[MCG][A-Za-z0-9]{100,}`},

	// Work and watching.
	{name: "Linear key", starts: []string{"lin_api_"}, pattern: `lin_api_[A-Za-z0-9]{40}`},
	{name: "Notion token", starts: []string{"ntn_"}, pattern: `ntn_[A-Za-z0-9]{46}`},
	{name: "Airtable token", starts: []string{"pat"}, pattern: `pat[A-Za-z0-9]{14}\.[a-f0-9]{64}\b`},
	{name: "Figma token", starts: []string{"figd_"}, pattern: `figd_[\w-]{38,}`, edge: Dashed},
	{name: "Grafana token", starts: []string{"glsa_", "glc_"}, pattern: `glsa_[A-Za-z0-9]{32}_[A-Fa-f0-9]{8}|glc_[A-Za-z0-9+/]{32,400}={0,3}`},
	{name: "Sentry token", starts: []string{"sntrys_", "sntryu_"},
		pattern: `sntryu_[a-f0-9]{64}|sntrys_eyJ[A-Za-z0-9+/=]{20,}_[A-Za-z0-9+/]{43}`},
	{name: "New Relic key", starts: []string{"NRAK-", "NRJS-"}, pattern: `NRAK-[A-Z0-9]{27}|NRJS-[a-f0-9]{19}`, edge: Dashed},
	{name: "Dynatrace token", starts: []string{"dt0c01.", "dt0s01."}, pattern: `dt0[cs]01\.[A-Za-z0-9]{24}\.[A-Za-z0-9]{64}`},

	{name: "password in an address", starts: []string{"://"}, edge: Anywhere, secret: notPlaceholder,
		pattern: "://[^\\s:/@\"'`<>?#\\[\\]\\\\]{0,64}:([^\\s/\"'`<>?#\\\\]{1,256})@[\\w.%\\[{$-]"},
}

// privateKey matches a block of PEM or of OpenPGP's armour in a file, in a string
// with escapes or in the lines of a program. The end of the block may be missing.
const privateKey = `-----BEGIN (?:[A-Z0-9]+ ){0,4}PRIVATE KEY(?: BLOCK)?-----` +
	`(?:` + between + `{0,8}[A-Za-z-]{2,20}: [^\n\\]{1,100}){0,4}` + // Proc-Type, DEK-Info, Version
	`(?:` + between + `{0,16}[A-Za-z0-9+/]{30,}={0,2})+` +
	`(?:` + between + `{0,16}=?[A-Za-z0-9+/=]{1,76}){0,2}` +
	`(?:` + between + `{0,16}-----END [A-Z0-9 ]{1,40}-----)?`

const between = "(?:[\\s\"'`+,;|>#*]|\\\\[nrt\"])"
