#compdef agent-spm

autoload -U is-at-least

_agent-spm() {
    typeset -A opt_args
    typeset -a _arguments_options
    local ret=1

    if is-at-least 5.2; then
        _arguments_options=(-s -S -C)
    else
        _arguments_options=(-s -C)
    fi

    local context curcontext="$curcontext" state line
    _arguments "${_arguments_options[@]}" : \
'--color=[When to use colours; NO_COLOR turns \`auto\` off]:WHEN:(auto always never)' \
'-q[Say nothing on standard error but why there is no answer]' \
'--quiet[Say nothing on standard error but why there is no answer]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'-V[Print version]' \
'--version[Print version]' \
":: :_agent-spm_commands" \
"*::: :->agent-spm" \
&& ret=0
    case $state in
    (agent-spm)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:agent-spm-command-$line[1]:"
        case $line[1] in
            (sign)
_arguments "${_arguments_options[@]}" : \
'*--keys=[Keys\: a directory of NAME.hmac, NAME.pub.pem and NAME.key.pem, or one such file]:DIR|FILE:_files' \
'--secret-file=[A file that holds a shared secret and nothing else; \`-\` for standard input]:FILE:_files' \
'--secret-env=[The name of the variable that holds a shared secret \[default\: AGENT_SPM_SECRET, if no key is given\]]:VARIABLE:_default' \
'*--key=[Sign with this key of the keys given; may be given several times \[default\: all that can sign\]]:ID:_default' \
'(--detached)--scheme=[The form of the signature \[default\: hmac for a shared secret, dsse for \`--keys\`\]]:SCHEME:((hmac\:"HMAC-SHA256 of the payload with one shared secret, as the platform writes it"
dsse\:"A list of signatures, one a key, HMAC-SHA256 or Ed25519"
shallow-0.3\:"What runtime 0.3 takes for a signature\: it leaves nearly everything open"))' \
'--expires-in=[Set \`generated_at\` to the present and \`expires_at\` that much later, such as 90d]:DURATION:_default' \
'(--keys --secret-file --secret-env --check)*--generate-key=[Make a key, \`hmac\` or \`ed25519\`, never over an existing file]:KIND:_default:KIND:_default' \
'--at=[Take this for the present, RFC 3339 \[default\: the clock'\''s\]]:TIME:_default' \
'--max-rules=[Most rules that a bundle may have]:N:_default' \
'--max-bytes=[Most bytes that a bundle or manifest may have]:N:_default' \
'--max-depth=[Most lists and objects inside each other]:N:_default' \
'--base-dir=[The directory that no policy file may lie outside of, by \`..\` or by a link]:DIR:_files' \
'--format=[The form of the answer]:FORMAT:((human\:"Tables for people"
json\:"One JSON document with a versioned \`schema\`"))' \
'-o+[Write the answer to a file, whole or not at all, instead of to standard output]:FILE:_files' \
'--output=[Write the answer to a file, whole or not at all, instead of to standard output]:FILE:_files' \
'--color=[When to use colours; NO_COLOR turns \`auto\` off]:WHEN:(auto always never)' \
'--detached[Write FILE.sig, which covers every byte of FILE, comments included]' \
'--bump-revision[Make the revision one higher]' \
'--no-lint[Sign although \`lint\` finds errors]' \
'--check[Write nothing, and say whether signing would change anything]' \
'-q[Say nothing on standard error but why there is no answer]' \
'--quiet[Say nothing on standard error but why there is no answer]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'*::files -- Bundles, JSON or YAML, and directories, which get a manifest of all their files:_files' \
&& ret=0
;;
(verify)
_arguments "${_arguments_options[@]}" : \
'*--keys=[Keys\: a directory of NAME.hmac, NAME.pub.pem and NAME.key.pem, or one such file]:DIR|FILE:_files' \
'--secret-file=[A file that holds a shared secret and nothing else; \`-\` for standard input]:FILE:_files' \
'--secret-env=[The name of the variable that holds a shared secret \[default\: AGENT_SPM_SECRET, if no key is given\]]:VARIABLE:_default' \
'*--require-key=[A key that must have signed; may be given several times]:ID:_default' \
'--threshold=[How many different keys must have signed]:N:_default' \
'--min-revision=[Refuse revisions lower than this]:N:_default' \
'--state=[Refuse revisions lower than the last one accepted, which this file remembers]:FILE:_files' \
'--at=[Take this for the present, RFC 3339 \[default\: the clock'\''s\]]:TIME:_default' \
'--max-rules=[Most rules that a bundle may have]:N:_default' \
'--max-bytes=[Most bytes that a bundle or manifest may have]:N:_default' \
'--max-depth=[Most lists and objects inside each other]:N:_default' \
'--base-dir=[The directory that no policy file may lie outside of, by \`..\` or by a link]:DIR:_files' \
'--format=[The form of the answer]:FORMAT:((human\:"Tables for people"
json\:"One JSON document with a versioned \`schema\`"
github\:"GitHub annotations"))' \
'-o+[Write the answer to a file, whole or not at all, instead of to standard output]:FILE:_files' \
'--output=[Write the answer to a file, whole or not at all, instead of to standard output]:FILE:_files' \
'--color=[When to use colours; NO_COLOR turns \`auto\` off]:WHEN:(auto always never)' \
'--allow-weak-secret[Go on with a weak secret or a key file that others can read, and say so]' \
'--detached[Verify FILE.sig, which covers every byte of FILE \[default\: only if FILE has no signature in it\]]' \
'-q[Say nothing on standard error but why there is no answer]' \
'--quiet[Say nothing on standard error but why there is no answer]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'*::files -- Bundles, JSON or YAML (`-` for standard input), signed directories, and signed reports:_files' \
&& ret=0
;;
(lint)
_arguments "${_arguments_options[@]}" : \
'()--explain=[Say what a lint finds and why it matters, with examples]:LINT:_default' \
'*--regex=[Lint this pattern]:PATTERN:_default' \
'*--regex-file=[Lint the patterns of a file (\`-\` for standard input), one a line as it stands]:FILE:_files' \
'*--explain-regex=[Lint this pattern, and show the run of the attack on it]:PATTERN:_default' \
'(--witness --assertions --regex --regex-file --explain-regex --baseline --fix)*--diff=[Show what two bundles, FILE or git\:REV\:PATH, decide differently, with a request for each pair of outcomes; or that no request can tell them apart]:OLD:_default:OLD:_default' \
'(--witness --regex --regex-file --explain-regex --baseline --fix)--assertions=[Prove what this file asserts about the bundles, or show requests that refute it]:FILE:_files' \
'--fail-on=[The least severity that makes the answer no \[default\: warning\]]:SEVERITY:((note\:"Everything counts"
warning\:"Warnings and errors count"
error\:"Only errors count"))' \
'--expiry-warning=[How long before its end a document is reported \[default\: 14d\]]:DURATION:_default' \
'--settings=[The settings\: severities, and findings that are accepted for a while \[default\: .agent-spm.yaml in the base directory, if it is there\]]:FILE:_files' \
'--baseline=[Mark the findings that this file lists as known; they do not count]:FILE:_files' \
'*--keys=[Keys\: a directory of NAME.hmac, NAME.pub.pem and NAME.key.pem, or one such file]:DIR|FILE:_files' \
'--secret-file=[A file that holds a shared secret and nothing else; \`-\` for standard input]:FILE:_files' \
'--secret-env=[The name of the variable that holds a shared secret \[default\: AGENT_SPM_SECRET, if no key is given\]]:VARIABLE:_default' \
'--at=[Take this for the present, RFC 3339 \[default\: the clock'\''s\]]:TIME:_default' \
'--max-rules=[Most rules that a bundle may have]:N:_default' \
'--max-bytes=[Most bytes that a bundle or manifest may have]:N:_default' \
'--max-depth=[Most lists and objects inside each other]:N:_default' \
'--base-dir=[The directory that no policy file may lie outside of, by \`..\` or by a link]:DIR:_files' \
'--format=[The form of the answer]:FORMAT:((human\:"Marked source for people"
compact\:"One line a finding"
json\:"One JSON document with a versioned \`schema\`"
sarif\:"SARIF 2.1.0, for code scanning"
github\:"GitHub annotations"
junit\:"JUnit XML"
markdown\:"Markdown, for a comment on a pull request"))' \
'-o+[Write the answer to a file, whole or not at all, instead of to standard output]:FILE:_files' \
'--output=[Write the answer to a file, whole or not at all, instead of to standard output]:FILE:_files' \
'--color=[When to use colours; NO_COLOR turns \`auto\` off]:WHEN:(auto always never)' \
'(--explain)--list[List all lints]' \
'(--regex --regex-file --explain-regex --baseline --fix)--witness[For each rule of the bundles, show a request that it decides, or why there is none]' \
'--strict[Take what an analysis could not find out for an error]' \
'--update-baseline[Write what is found to the file of \`--baseline\`]' \
'(--update-baseline)--fix[Mend in place what can be mended without letting any call get further than before; only what has to change does]' \
'(--format)--dry-run[Write nothing, and show what \`--fix\` would change as a unified diff]' \
'--unsafe-fixes[Mend also what lets calls get further, such as a prefix in a list that \`ALLOW\`s]' \
'-q[Say nothing on standard error but why there is no answer]' \
'--quiet[Say nothing on standard error but why there is no answer]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'*::files -- Files (`-` for standard input) and directories, which are walked:_files' \
&& ret=0
;;
(simulate)
_arguments "${_arguments_options[@]}" : \
'-p+[The policy bundle, JSON or YAML; \`-\` for standard input]:FILE:_files' \
'--policy=[The policy bundle, JSON or YAML; \`-\` for standard input]:FILE:_files' \
'--pipeline=[The pipeline file\: plugins around the policy, and how approvals are settled]:FILE:_files' \
'*--fail-plugin=[Make a plugin fail at every call, to see what a crash would let through]:NAME:_default' \
'--from=[The shape of the recordings; \`auto\` tells each file'\''s from its content]:SHAPE:(auto native claude-code codex gemini-cli hooks openai-chat openai-responses anthropic-messages managed-agents mcp otel langsmith agentdojo invariant tau-bench inspect-ai livemcpbench swe-agent agentsh)' \
'--environment=[The environment of calls whose recording does not say]:NAME:_default' \
'--agent-id=[The agent of calls whose recording does not say]:ID:_default' \
'--agent-type=[The agent type of calls whose recording does not say]:TYPE:_default' \
'--trust-level=[The trust level of calls whose recording does not say]:LEVEL:(untrusted basic verified privileged system)' \
'--decisions=[Write each decision as a JSON line to a file, whole or not at all]:FILE:_files' \
'--audit-log=[Write the audit events as chained JSON lines to a file, whole or not at all]:FILE:_files' \
'--checkpoint-key=[Sign checkpoints of the audit log by this key (NAME.key.pem or NAME.hmac), beside it as FILE.checkpoint]:KEY:_files' \
'--baseline=[Compare with another policy, FILE or git\:REV\:PATH, or with what was \`recorded\`]:BASELINE:_default' \
'--baseline-pipeline=[The baseline'\''s own pipeline file \[default\: that of --pipeline\]]:FILE:_files' \
'--labels=[What the sessions were, attack or benign\: how does the policy do on them?]:FILE:_files' \
'--min-coverage=[Make the answer no if less than this share of the rules, or of their conditions, is covered]:PERCENT:_default' \
'*--fail-on=[What makes the answer no; failed test cases always do]:WHAT:((newly-allowed\:"A call that the baseline does not let through is let through"
newly-denied\:"A call that the baseline lets through is not"
changed\:"A call is let through or not, or has an outcome, as by the baseline it is or has not"
denied\:"A call is denied"
incident\:"The guardian reports an incident"
not-replayable\:"A call cannot be decided"))' \
'--trace=[Explain the decisions about calls with this id step by step]:REQUEST_ID:_default' \
'(--trace)--explain-all=[Write every decision, explained step by step, as a JSON line to a file]:FILE:_files' \
'-j+[Threads; the answer is the same with any number \[default\: one a core\]]:N:_default' \
'--jobs=[Threads; the answer is the same with any number \[default\: one a core\]]:N:_default' \
'--max-rules=[Most rules that a bundle may have]:N:_default' \
'--max-bytes=[Most bytes that a bundle may have]:N:_default' \
'--at=[Take this for the present, RFC 3339 \[default\: the clock'\''s\]]:TIME:_default' \
'--base-dir=[The directory that no policy file may lie outside of, by \`..\` or by a link]:DIR:_files' \
'--format=[The form of the answer]:FORMAT:((human\:"Tables for people"
json\:"One JSON document with a versioned \`schema\`"
jsonl\:"The decisions, a JSON line each, as they come"
csv\:"The decisions for spreadsheets, a row each, as they come"
html\:"One page that loads nothing and runs nothing"
markdown\:"GitHub-flavoured Markdown, for a comment or a step summary"
junit\:"The test cases as JUnit XML"
sarif\:"What belongs to lines of recordings, for code scanning"
github\:"The same as GitHub annotations"))' \
'-o+[Write the answer to a file, whole or not at all, instead of to standard output; beside decisions (\`jsonl\`, \`csv\`), FILE.made-from.json names what they were made from]:FILE:_files' \
'--output=[Write the answer to a file, whole or not at all, instead of to standard output; beside decisions (\`jsonl\`, \`csv\`), FILE.made-from.json names what they were made from]:FILE:_files' \
'*--keys=[Keys\: a directory of NAME.hmac, NAME.pub.pem and NAME.key.pem, or one such file]:DIR|FILE:_files' \
'--secret-file=[A file that holds a shared secret and nothing else; \`-\` for standard input]:FILE:_files' \
'--secret-env=[The name of the variable that holds a shared secret \[default\: AGENT_SPM_SECRET, if no key is given\]]:VARIABLE:_default' \
'--color=[When to use colours; NO_COLOR turns \`auto\` off]:WHEN:(auto always never)' \
'(-p --policy --format --baseline --trace --explain-all --labels --fail-on)--suggest[Draft a least-privilege policy from the recordings, as YAML, instead of deciding by one]' \
'--coverage[Say which rules decided a call, and which of their conditions were seen to hold and to fail]' \
'--strict[Stop at the first line that cannot be read]' \
'(--suggest)--sign-report[Sign the answer\: write a signature of every byte of it beside it, as FILE.sig; of decisions (\`jsonl\`, \`csv\`), sign FILE.made-from.json, which holds their digest]' \
'-q[Say nothing on standard error but why there is no answer]' \
'--quiet[Say nothing on standard error but why there is no answer]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'*::calls -- Recordings\: files (also .gz and .zst), directories, `-` for standard input:_files' \
&& ret=0
;;
(audit-replay)
_arguments "${_arguments_options[@]}" : \
'--from=[Events from this time on\: RFC 3339, \`2026-01-15\`, \`2026-01-15 10\:30\`, or \`-24h\` before now]:TIME:_default' \
'--to=[Events before this time]:TIME:_default' \
'(--from)--last=[Events of as long before now, such as \`24h\`]:TIME:_default' \
'*--agent=[Events of these agents; \`*\` stands for any text]:GLOB:_default' \
'*--exclude-agent=[No events of these agents]:GLOB:_default' \
'*--tool=[Events about these tools]:GLOB:_default' \
'*--exclude-tool=[No events about these tools]:GLOB:_default' \
'*--environment=[Events in these environments]:GLOB:_default' \
'*--exclude-environment=[No events in these environments]:GLOB:_default' \
'*--outcome=[Events with these outcomes, recorded or effective]:OUTCOME:(ALLOW DENY REQUIRE_APPROVAL STEP_UP REQUIRE_TICKET REQUIRE_HUMAN APPROVED REJECTED KILL_SWITCH RATE_LIMITED TIMEOUT)' \
'*--exclude-outcome=[No events with these outcomes]:OUTCOME:(ALLOW DENY REQUIRE_APPROVAL STEP_UP REQUIRE_TICKET REQUIRE_HUMAN APPROVED REJECTED KILL_SWITCH RATE_LIMITED TIMEOUT)' \
'*--code=[Events with these reason codes]:GLOB:_default' \
'*--exclude-code=[No events with these reason codes]:GLOB:_default' \
'*--severity=[Events as severe as this]:LEVEL:(low medium high critical)' \
'*--exclude-severity=[No events as severe as this]:LEVEL:(low medium high critical)' \
'--guardian=[What a guardian would have found\: \`engineering\`, \`finance\`, \`soc\`, or a file of its configuration \[default\: that of --pipeline\]]:NAME|FILE:_files' \
'(--from --to --last)--around=[Show the events around an incident, by the beginning of its id]:INCIDENT:_default' \
'--around-window=[How long before and after the incident, such as \`5m\`]:TIME:_default' \
'--pivots=[Write the agents, tools, requests, codes and plugins of incidents to a file, one a line, for \`grep -Ff\`]:FILE:_files' \
'--policy=[Decide the events again by this bundle, and compare]:FILE:_files' \
'*--calls=[Recordings of the calls, as \`simulate\` reads them\: what they hold is decided exactly]:CALLS:_files' \
'--call-environment=[The environment of calls whose recording does not say]:NAME:_default' \
'--call-agent-id=[The agent of calls whose recording does not say]:ID:_default' \
'--call-agent-type=[The agent type of calls whose recording does not say]:TYPE:_default' \
'--call-trust-level=[The trust level of calls whose recording does not say]:LEVEL:(untrusted basic verified privileged system)' \
'*--keys=[Keys\: a directory of NAME.hmac, NAME.pub.pem and NAME.key.pem, or one such file]:DIR|FILE:_files' \
'--secret-file=[A file that holds a shared secret and nothing else; \`-\` for standard input]:FILE:_files' \
'--secret-env=[The name of the variable that holds a shared secret \[default\: AGENT_SPM_SECRET, if no key is given\]]:VARIABLE:_default' \
'*--checkpoint=[Checkpoints of the log, if they are not beside it as LOG.checkpoint]:FILE:_files' \
'--max-gap=[Report silences longer than this, such as \`30m\`]:TIME:_default' \
'--pipeline=[The pipeline file of the platform\: its guardian, its plugins, and how many events its log keeps]:FILE:_files' \
'--time-zone=[Whose clocks show the times of tables, of --from and --to, and of a guardian that names none\: such as \`Europe/London\` or \`+05\:30\` \[default\: UTC\]]:ZONE:_default' \
'--show=[How many events the timeline shows]:N:_default' \
'*--fail-on=[What turns the exit code to 1]:WHAT:((proof\:"Something proves that the log is not as it was written"
indicator\:"Something might have an innocent reason"
unanchored\:"No checkpoint that a known key signed anchors the log"
unreadable\:"A line could not be read"
incident\:"The guardian found something"
divergence\:"The policy of --policy decides otherwise"
leak\:"An event holds personal data, a card number, a credential, or arguments"
never\:"Nothing"))' \
'-j+[Threads; the answer is the same with any number \[default\: one a core\]]:N:_default' \
'--jobs=[Threads; the answer is the same with any number \[default\: one a core\]]:N:_default' \
'--base-dir=[The directory that no policy file may lie outside of, by \`..\` or by a link]:DIR:_files' \
'--at=[Take this for the present, RFC 3339 \[default\: the clock'\''s\]]:TIME:_default' \
'(--format)--export=[Give the events and incidents in this format, instead of the report]:FORMAT:((cef\:"Common Event Format (ArcSight, Microsoft Sentinel, most SIEMs)"
leef\:"LEEF 1.0 (IBM QRadar)"
leef2\:"LEEF 2.0 with the delimiter written as x09 (IBM QRadar)"
ecs\:"Elastic Common Schema 9.4, JSON Lines (Elasticsearch, Elastic Security)"
ocsf\:"OCSF 1.8, JSON Lines\: API Activity and Detection Finding (Amazon Security Lake)"
timesketch\:"Timesketch; call the file NAME.jsonl"
jsonl\:"JSON Lines\: everything that an event says, and what it comes to"
csv\:"CSV for spreadsheets\: no formulas, a line a row, hidden characters shown"
csv-raw\:"CSV for programs\: RFC 4180, every value as it was, but what is sensitive masked"))' \
'--syslog=[Send each record as a syslog message (RFC 5424), one told from the next by this]:FRAMING:((lines\:"A line a message\: for files"
octets\:"Its length before each message (RFC 6587)\: for TCP and TLS"))' \
'--syslog-host=[The name of the host in syslog messages]:NAME:_default' \
'--format=[The form of the answer]:FORMAT:((human\:"Tables for people"
json\:"One JSON document with a versioned \`schema\`"
html\:"One page that loads nothing and runs nothing, to hand on"
markdown\:"GitHub-flavoured Markdown, for a ticket"))' \
'-o+[Write the answer to a file, whole or not at all, instead of to standard output]:FILE:_files' \
'--output=[Write the answer to a file, whole or not at all, instead of to standard output]:FILE:_files' \
'--color=[When to use colours; NO_COLOR turns \`auto\` off]:WHEN:(auto always never)' \
'--strict[Stop at the first line that cannot be read]' \
'--evidence[Show what the log, the policy and the pipeline show of what laws and frameworks ask for, and the fleet'\''s risk scores]' \
'-q[Say nothing on standard error but why there is no answer]' \
'--quiet[Say nothing on standard error but why there is no answer]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'*::logs -- Audit logs\: files (also .gz and .zst), directories, `-` for standard input; several are one log:_files' \
&& ret=0
;;
(schema)
_arguments "${_arguments_options[@]}" : \
'--color=[When to use colours; NO_COLOR turns \`auto\` off]:WHEN:(auto always never)' \
'-q[Say nothing on standard error but why there is no answer]' \
'--quiet[Say nothing on standard error but why there is no answer]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':document -- The kind of document:((assertions\:"Assertions about policies"
bundle\:"A policy bundle"
call\:"A recorded call, one line of a native recording"
event\:"An audit event"
manifest\:"An MCP server'\''s manifest"
pipeline\:"A pipeline\: the plugins and their order"
settings\:"The settings of a project, \`.agent-spm.yaml\`"))' \
&& ret=0
;;
(help)
_arguments "${_arguments_options[@]}" : \
":: :_agent-spm__subcmd__help_commands" \
"*::: :->help" \
&& ret=0

    case $state in
    (help)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:agent-spm-help-command-$line[1]:"
        case $line[1] in
            (sign)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(verify)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(lint)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(simulate)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(audit-replay)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(schema)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(help)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
        esac
    ;;
esac
;;
        esac
    ;;
esac
}

(( $+functions[_agent-spm_commands] )) ||
_agent-spm_commands() {
    local commands; commands=(
'sign:Sign bundles and directories in place\: only the lines of signature, dates and revision change' \
'verify:Check signatures\: is this signed by whom I trust, over all of it, and still valid?' \
'lint:Find everything wrong with bundles, pipeline files, registries and MCP manifests' \
'simulate:Decide recorded calls by a policy\: what would it have done to them?' \
'audit-replay:Read an audit log\: what happened, and can it be trusted?' \
'schema:Print the JSON Schema of a document, for editors' \
'help:Print this message or the help of the given subcommand(s)' \
    )
    _describe -t commands 'agent-spm commands' commands "$@"
}
(( $+functions[_agent-spm__subcmd__audit-replay_commands] )) ||
_agent-spm__subcmd__audit-replay_commands() {
    local commands; commands=()
    _describe -t commands 'agent-spm audit-replay commands' commands "$@"
}
(( $+functions[_agent-spm__subcmd__help_commands] )) ||
_agent-spm__subcmd__help_commands() {
    local commands; commands=(
'sign:Sign bundles and directories in place\: only the lines of signature, dates and revision change' \
'verify:Check signatures\: is this signed by whom I trust, over all of it, and still valid?' \
'lint:Find everything wrong with bundles, pipeline files, registries and MCP manifests' \
'simulate:Decide recorded calls by a policy\: what would it have done to them?' \
'audit-replay:Read an audit log\: what happened, and can it be trusted?' \
'schema:Print the JSON Schema of a document, for editors' \
'help:Print this message or the help of the given subcommand(s)' \
    )
    _describe -t commands 'agent-spm help commands' commands "$@"
}
(( $+functions[_agent-spm__subcmd__help__subcmd__audit-replay_commands] )) ||
_agent-spm__subcmd__help__subcmd__audit-replay_commands() {
    local commands; commands=()
    _describe -t commands 'agent-spm help audit-replay commands' commands "$@"
}
(( $+functions[_agent-spm__subcmd__help__subcmd__help_commands] )) ||
_agent-spm__subcmd__help__subcmd__help_commands() {
    local commands; commands=()
    _describe -t commands 'agent-spm help help commands' commands "$@"
}
(( $+functions[_agent-spm__subcmd__help__subcmd__lint_commands] )) ||
_agent-spm__subcmd__help__subcmd__lint_commands() {
    local commands; commands=()
    _describe -t commands 'agent-spm help lint commands' commands "$@"
}
(( $+functions[_agent-spm__subcmd__help__subcmd__schema_commands] )) ||
_agent-spm__subcmd__help__subcmd__schema_commands() {
    local commands; commands=()
    _describe -t commands 'agent-spm help schema commands' commands "$@"
}
(( $+functions[_agent-spm__subcmd__help__subcmd__sign_commands] )) ||
_agent-spm__subcmd__help__subcmd__sign_commands() {
    local commands; commands=()
    _describe -t commands 'agent-spm help sign commands' commands "$@"
}
(( $+functions[_agent-spm__subcmd__help__subcmd__simulate_commands] )) ||
_agent-spm__subcmd__help__subcmd__simulate_commands() {
    local commands; commands=()
    _describe -t commands 'agent-spm help simulate commands' commands "$@"
}
(( $+functions[_agent-spm__subcmd__help__subcmd__verify_commands] )) ||
_agent-spm__subcmd__help__subcmd__verify_commands() {
    local commands; commands=()
    _describe -t commands 'agent-spm help verify commands' commands "$@"
}
(( $+functions[_agent-spm__subcmd__lint_commands] )) ||
_agent-spm__subcmd__lint_commands() {
    local commands; commands=()
    _describe -t commands 'agent-spm lint commands' commands "$@"
}
(( $+functions[_agent-spm__subcmd__schema_commands] )) ||
_agent-spm__subcmd__schema_commands() {
    local commands; commands=()
    _describe -t commands 'agent-spm schema commands' commands "$@"
}
(( $+functions[_agent-spm__subcmd__sign_commands] )) ||
_agent-spm__subcmd__sign_commands() {
    local commands; commands=()
    _describe -t commands 'agent-spm sign commands' commands "$@"
}
(( $+functions[_agent-spm__subcmd__simulate_commands] )) ||
_agent-spm__subcmd__simulate_commands() {
    local commands; commands=()
    _describe -t commands 'agent-spm simulate commands' commands "$@"
}
(( $+functions[_agent-spm__subcmd__verify_commands] )) ||
_agent-spm__subcmd__verify_commands() {
    local commands; commands=()
    _describe -t commands 'agent-spm verify commands' commands "$@"
}

if [ "$funcstack[1]" = "_agent-spm" ]; then
    _agent-spm "$@"
else
    compdef _agent-spm agent-spm
fi
