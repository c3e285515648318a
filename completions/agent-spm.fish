# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_agent_spm_global_optspecs
    string join \n q/quiet color= h/help V/version
end

function __fish_agent_spm_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_agent_spm_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_agent_spm_using_subcommand
    set -l cmd (__fish_agent_spm_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c agent-spm -n "__fish_agent_spm_needs_command" -l color -d 'When to use colours; NO_COLOR turns `auto` off' -r -f -a "auto\t''
always\t''
never\t''"
complete -c agent-spm -n "__fish_agent_spm_needs_command" -s q -l quiet -d 'Say nothing on standard error but why there is no answer'
complete -c agent-spm -n "__fish_agent_spm_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c agent-spm -n "__fish_agent_spm_needs_command" -s V -l version -d 'Print version'
complete -c agent-spm -n "__fish_agent_spm_needs_command" -f -a "sign" -d 'Sign bundles and directories in place: only the lines of signature, dates and revision change'
complete -c agent-spm -n "__fish_agent_spm_needs_command" -f -a "verify" -d 'Check signatures: is this signed by whom I trust, over all of it, and still valid?'
complete -c agent-spm -n "__fish_agent_spm_needs_command" -f -a "lint" -d 'Find everything wrong with bundles, pipeline files, registries and MCP manifests'
complete -c agent-spm -n "__fish_agent_spm_needs_command" -f -a "simulate" -d 'Decide recorded calls by a policy: what would it have done to them?'
complete -c agent-spm -n "__fish_agent_spm_needs_command" -f -a "audit-replay" -d 'Read an audit log: what happened, and can it be trusted?'
complete -c agent-spm -n "__fish_agent_spm_needs_command" -f -a "schema" -d 'Print the JSON Schema of a document, for editors'
complete -c agent-spm -n "__fish_agent_spm_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c agent-spm -n "__fish_agent_spm_using_subcommand sign" -l keys -d 'Keys: a directory of NAME.hmac, NAME.pub.pem and NAME.key.pem, or one such file' -r -F
complete -c agent-spm -n "__fish_agent_spm_using_subcommand sign" -l secret-file -d 'A file that holds a shared secret and nothing else; `-` for standard input' -r -F
complete -c agent-spm -n "__fish_agent_spm_using_subcommand sign" -l secret-env -d 'The name of the variable that holds a shared secret [default: AGENT_SPM_SECRET, if no key is given]' -r
complete -c agent-spm -n "__fish_agent_spm_using_subcommand sign" -l key -d 'Sign with this key of the keys given; may be given several times [default: all that can sign]' -r
complete -c agent-spm -n "__fish_agent_spm_using_subcommand sign" -l scheme -d 'The form of the signature [default: hmac for a shared secret, dsse for `--keys`]' -r -f -a "hmac\t'HMAC-SHA256 of the payload with one shared secret, as the platform writes it'
dsse\t'A list of signatures, one a key, HMAC-SHA256 or Ed25519'
shallow-0.3\t'What runtime 0.3 takes for a signature: it leaves nearly everything open'"
complete -c agent-spm -n "__fish_agent_spm_using_subcommand sign" -l expires-in -d 'Set `generated_at` to the present and `expires_at` that much later, such as 90d' -r
complete -c agent-spm -n "__fish_agent_spm_using_subcommand sign" -l generate-key -d 'Make a key, `hmac` or `ed25519`, never over an existing file' -r
complete -c agent-spm -n "__fish_agent_spm_using_subcommand sign" -l at -d 'Take this for the present, RFC 3339 [default: the clock\'s]' -r
complete -c agent-spm -n "__fish_agent_spm_using_subcommand sign" -l max-rules -d 'Most rules that a bundle may have' -r
complete -c agent-spm -n "__fish_agent_spm_using_subcommand sign" -l max-bytes -d 'Most bytes that a bundle or manifest may have' -r
complete -c agent-spm -n "__fish_agent_spm_using_subcommand sign" -l max-depth -d 'Most lists and objects inside each other' -r
complete -c agent-spm -n "__fish_agent_spm_using_subcommand sign" -l base-dir -d 'The directory that no policy file may lie outside of, by `..` or by a link' -r -F
complete -c agent-spm -n "__fish_agent_spm_using_subcommand sign" -l format -d 'The form of the answer' -r -f -a "human\t'Tables for people'
json\t'One JSON document with a versioned `schema`'"
complete -c agent-spm -n "__fish_agent_spm_using_subcommand sign" -s o -l output -d 'Write the answer to a file, whole or not at all, instead of to standard output' -r -F
complete -c agent-spm -n "__fish_agent_spm_using_subcommand sign" -l color -d 'When to use colours; NO_COLOR turns `auto` off' -r -f -a "auto\t''
always\t''
never\t''"
complete -c agent-spm -n "__fish_agent_spm_using_subcommand sign" -l detached -d 'Write FILE.sig, which covers every byte of FILE, comments included'
complete -c agent-spm -n "__fish_agent_spm_using_subcommand sign" -l bump-revision -d 'Make the revision one higher'
complete -c agent-spm -n "__fish_agent_spm_using_subcommand sign" -l no-lint -d 'Sign although `lint` finds errors'
complete -c agent-spm -n "__fish_agent_spm_using_subcommand sign" -l check -d 'Write nothing, and say whether signing would change anything'
complete -c agent-spm -n "__fish_agent_spm_using_subcommand sign" -s q -l quiet -d 'Say nothing on standard error but why there is no answer'
complete -c agent-spm -n "__fish_agent_spm_using_subcommand sign" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c agent-spm -n "__fish_agent_spm_using_subcommand verify" -l keys -d 'Keys: a directory of NAME.hmac, NAME.pub.pem and NAME.key.pem, or one such file' -r -F
complete -c agent-spm -n "__fish_agent_spm_using_subcommand verify" -l secret-file -d 'A file that holds a shared secret and nothing else; `-` for standard input' -r -F
complete -c agent-spm -n "__fish_agent_spm_using_subcommand verify" -l secret-env -d 'The name of the variable that holds a shared secret [default: AGENT_SPM_SECRET, if no key is given]' -r
complete -c agent-spm -n "__fish_agent_spm_using_subcommand verify" -l require-key -d 'A key that must have signed; may be given several times' -r
complete -c agent-spm -n "__fish_agent_spm_using_subcommand verify" -l threshold -d 'How many different keys must have signed' -r
complete -c agent-spm -n "__fish_agent_spm_using_subcommand verify" -l min-revision -d 'Refuse revisions lower than this' -r
complete -c agent-spm -n "__fish_agent_spm_using_subcommand verify" -l state -d 'Refuse revisions lower than the last one accepted, which this file remembers' -r -F
complete -c agent-spm -n "__fish_agent_spm_using_subcommand verify" -l at -d 'Take this for the present, RFC 3339 [default: the clock\'s]' -r
complete -c agent-spm -n "__fish_agent_spm_using_subcommand verify" -l max-rules -d 'Most rules that a bundle may have' -r
complete -c agent-spm -n "__fish_agent_spm_using_subcommand verify" -l max-bytes -d 'Most bytes that a bundle or manifest may have' -r
complete -c agent-spm -n "__fish_agent_spm_using_subcommand verify" -l max-depth -d 'Most lists and objects inside each other' -r
complete -c agent-spm -n "__fish_agent_spm_using_subcommand verify" -l base-dir -d 'The directory that no policy file may lie outside of, by `..` or by a link' -r -F
complete -c agent-spm -n "__fish_agent_spm_using_subcommand verify" -l format -d 'The form of the answer' -r -f -a "human\t'Tables for people'
json\t'One JSON document with a versioned `schema`'
github\t'GitHub annotations'"
complete -c agent-spm -n "__fish_agent_spm_using_subcommand verify" -s o -l output -d 'Write the answer to a file, whole or not at all, instead of to standard output' -r -F
complete -c agent-spm -n "__fish_agent_spm_using_subcommand verify" -l color -d 'When to use colours; NO_COLOR turns `auto` off' -r -f -a "auto\t''
always\t''
never\t''"
complete -c agent-spm -n "__fish_agent_spm_using_subcommand verify" -l allow-weak-secret -d 'Go on with a weak secret or a key file that others can read, and say so'
complete -c agent-spm -n "__fish_agent_spm_using_subcommand verify" -l detached -d 'Verify FILE.sig, which covers every byte of FILE [default: only if FILE has no signature in it]'
complete -c agent-spm -n "__fish_agent_spm_using_subcommand verify" -s q -l quiet -d 'Say nothing on standard error but why there is no answer'
complete -c agent-spm -n "__fish_agent_spm_using_subcommand verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c agent-spm -n "__fish_agent_spm_using_subcommand lint" -l explain -d 'Say what a lint finds and why it matters, with examples' -r
complete -c agent-spm -n "__fish_agent_spm_using_subcommand lint" -l regex -d 'Lint this pattern' -r
complete -c agent-spm -n "__fish_agent_spm_using_subcommand lint" -l regex-file -d 'Lint the patterns of a file (`-` for standard input), one a line as it stands' -r -F
complete -c agent-spm -n "__fish_agent_spm_using_subcommand lint" -l explain-regex -d 'Lint this pattern, and show the run of the attack on it' -r
complete -c agent-spm -n "__fish_agent_spm_using_subcommand lint" -l diff -d 'Show what two bundles, FILE or git:REV:PATH, decide differently, with a request for each pair of outcomes; or that no request can tell them apart' -r
complete -c agent-spm -n "__fish_agent_spm_using_subcommand lint" -l assertions -d 'Prove what this file asserts about the bundles, or show requests that refute it' -r -F
complete -c agent-spm -n "__fish_agent_spm_using_subcommand lint" -l fail-on -d 'The least severity that makes the answer no [default: warning]' -r -f -a "note\t'Everything counts'
warning\t'Warnings and errors count'
error\t'Only errors count'"
complete -c agent-spm -n "__fish_agent_spm_using_subcommand lint" -l expiry-warning -d 'How long before its end a document is reported [default: 14d]' -r
complete -c agent-spm -n "__fish_agent_spm_using_subcommand lint" -l settings -d 'The settings: severities, and findings that are accepted for a while [default: .agent-spm.yaml in the base directory, if it is there]' -r -F
complete -c agent-spm -n "__fish_agent_spm_using_subcommand lint" -l baseline -d 'Mark the findings that this file lists as known; they do not count' -r -F
complete -c agent-spm -n "__fish_agent_spm_using_subcommand lint" -l keys -d 'Keys: a directory of NAME.hmac, NAME.pub.pem and NAME.key.pem, or one such file' -r -F
complete -c agent-spm -n "__fish_agent_spm_using_subcommand lint" -l secret-file -d 'A file that holds a shared secret and nothing else; `-` for standard input' -r -F
complete -c agent-spm -n "__fish_agent_spm_using_subcommand lint" -l secret-env -d 'The name of the variable that holds a shared secret [default: AGENT_SPM_SECRET, if no key is given]' -r
complete -c agent-spm -n "__fish_agent_spm_using_subcommand lint" -l at -d 'Take this for the present, RFC 3339 [default: the clock\'s]' -r
complete -c agent-spm -n "__fish_agent_spm_using_subcommand lint" -l max-rules -d 'Most rules that a bundle may have' -r
complete -c agent-spm -n "__fish_agent_spm_using_subcommand lint" -l max-bytes -d 'Most bytes that a bundle or manifest may have' -r
complete -c agent-spm -n "__fish_agent_spm_using_subcommand lint" -l max-depth -d 'Most lists and objects inside each other' -r
complete -c agent-spm -n "__fish_agent_spm_using_subcommand lint" -l base-dir -d 'The directory that no policy file may lie outside of, by `..` or by a link' -r -F
complete -c agent-spm -n "__fish_agent_spm_using_subcommand lint" -l format -d 'The form of the answer' -r -f -a "human\t'Marked source for people'
compact\t'One line a finding'
json\t'One JSON document with a versioned `schema`'
sarif\t'SARIF 2.1.0, for code scanning'
github\t'GitHub annotations'
junit\t'JUnit XML'
markdown\t'Markdown, for a comment on a pull request'"
complete -c agent-spm -n "__fish_agent_spm_using_subcommand lint" -s o -l output -d 'Write the answer to a file, whole or not at all, instead of to standard output' -r -F
complete -c agent-spm -n "__fish_agent_spm_using_subcommand lint" -l color -d 'When to use colours; NO_COLOR turns `auto` off' -r -f -a "auto\t''
always\t''
never\t''"
complete -c agent-spm -n "__fish_agent_spm_using_subcommand lint" -l list -d 'List all lints'
complete -c agent-spm -n "__fish_agent_spm_using_subcommand lint" -l witness -d 'For each rule of the bundles, show a request that it decides, or why there is none'
complete -c agent-spm -n "__fish_agent_spm_using_subcommand lint" -l strict -d 'Take what an analysis could not find out for an error'
complete -c agent-spm -n "__fish_agent_spm_using_subcommand lint" -l update-baseline -d 'Write what is found to the file of `--baseline`'
complete -c agent-spm -n "__fish_agent_spm_using_subcommand lint" -l fix -d 'Mend in place what can be mended without letting any call get further than before; only what has to change does'
complete -c agent-spm -n "__fish_agent_spm_using_subcommand lint" -l dry-run -d 'Write nothing, and show what `--fix` would change as a unified diff'
complete -c agent-spm -n "__fish_agent_spm_using_subcommand lint" -l unsafe-fixes -d 'Mend also what lets calls get further, such as a prefix in a list that `ALLOW`s'
complete -c agent-spm -n "__fish_agent_spm_using_subcommand lint" -s q -l quiet -d 'Say nothing on standard error but why there is no answer'
complete -c agent-spm -n "__fish_agent_spm_using_subcommand lint" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c agent-spm -n "__fish_agent_spm_using_subcommand simulate" -s p -l policy -d 'The policy bundle, JSON or YAML; `-` for standard input' -r -F
complete -c agent-spm -n "__fish_agent_spm_using_subcommand simulate" -l pipeline -d 'The pipeline file: plugins around the policy, and how approvals are settled' -r -F
complete -c agent-spm -n "__fish_agent_spm_using_subcommand simulate" -l fail-plugin -d 'Make a plugin fail at every call, to see what a crash would let through' -r
complete -c agent-spm -n "__fish_agent_spm_using_subcommand simulate" -l from -d 'The shape of the recordings; `auto` tells each file\'s from its content' -r -f -a "auto\t''
native\t''
claude-code\t''
codex\t''
gemini-cli\t''
hooks\t''
openai-chat\t''
openai-responses\t''
anthropic-messages\t''
managed-agents\t''
mcp\t''
otel\t''
langsmith\t''
agentdojo\t''
invariant\t''
tau-bench\t''
inspect-ai\t''
livemcpbench\t''
swe-agent\t''
agentsh\t''"
complete -c agent-spm -n "__fish_agent_spm_using_subcommand simulate" -l environment -d 'The environment of calls whose recording does not say' -r
complete -c agent-spm -n "__fish_agent_spm_using_subcommand simulate" -l agent-id -d 'The agent of calls whose recording does not say' -r
complete -c agent-spm -n "__fish_agent_spm_using_subcommand simulate" -l agent-type -d 'The agent type of calls whose recording does not say' -r
complete -c agent-spm -n "__fish_agent_spm_using_subcommand simulate" -l trust-level -d 'The trust level of calls whose recording does not say' -r -f -a "untrusted\t''
basic\t''
verified\t''
privileged\t''
system\t''"
complete -c agent-spm -n "__fish_agent_spm_using_subcommand simulate" -l decisions -d 'Write each decision as a JSON line to a file, whole or not at all' -r -F
complete -c agent-spm -n "__fish_agent_spm_using_subcommand simulate" -l audit-log -d 'Write the audit events as chained JSON lines to a file, whole or not at all' -r -F
complete -c agent-spm -n "__fish_agent_spm_using_subcommand simulate" -l checkpoint-key -d 'Sign checkpoints of the audit log by this key (NAME.key.pem or NAME.hmac), beside it as FILE.checkpoint' -r -F
complete -c agent-spm -n "__fish_agent_spm_using_subcommand simulate" -l baseline -d 'Compare with another policy, FILE or git:REV:PATH, or with what was `recorded`' -r
complete -c agent-spm -n "__fish_agent_spm_using_subcommand simulate" -l baseline-pipeline -d 'The baseline\'s own pipeline file [default: that of --pipeline]' -r -F
complete -c agent-spm -n "__fish_agent_spm_using_subcommand simulate" -l labels -d 'What the sessions were, attack or benign: how does the policy do on them?' -r -F
complete -c agent-spm -n "__fish_agent_spm_using_subcommand simulate" -l min-coverage -d 'Make the answer no if less than this share of the rules, or of their conditions, is covered' -r
complete -c agent-spm -n "__fish_agent_spm_using_subcommand simulate" -l fail-on -d 'What makes the answer no; failed test cases always do' -r -f -a "newly-allowed\t'A call that the baseline does not let through is let through'
newly-denied\t'A call that the baseline lets through is not'
changed\t'A call is let through or not, or has an outcome, as by the baseline it is or has not'
denied\t'A call is denied'
incident\t'The guardian reports an incident'
not-replayable\t'A call cannot be decided'"
complete -c agent-spm -n "__fish_agent_spm_using_subcommand simulate" -l trace -d 'Explain the decisions about calls with this id step by step' -r
complete -c agent-spm -n "__fish_agent_spm_using_subcommand simulate" -l explain-all -d 'Write every decision, explained step by step, as a JSON line to a file' -r -F
complete -c agent-spm -n "__fish_agent_spm_using_subcommand simulate" -s j -l jobs -d 'Threads; the answer is the same with any number [default: one a core]' -r
complete -c agent-spm -n "__fish_agent_spm_using_subcommand simulate" -l max-rules -d 'Most rules that a bundle may have' -r
complete -c agent-spm -n "__fish_agent_spm_using_subcommand simulate" -l max-bytes -d 'Most bytes that a bundle may have' -r
complete -c agent-spm -n "__fish_agent_spm_using_subcommand simulate" -l at -d 'Take this for the present, RFC 3339 [default: the clock\'s]' -r
complete -c agent-spm -n "__fish_agent_spm_using_subcommand simulate" -l base-dir -d 'The directory that no policy file may lie outside of, by `..` or by a link' -r -F
complete -c agent-spm -n "__fish_agent_spm_using_subcommand simulate" -l format -d 'The form of the answer' -r -f -a "human\t'Tables for people'
json\t'One JSON document with a versioned `schema`'
jsonl\t'The decisions, a JSON line each, as they come'
csv\t'The decisions for spreadsheets, a row each, as they come'
html\t'One page that loads nothing and runs nothing'
markdown\t'GitHub-flavoured Markdown, for a comment or a step summary'
junit\t'The test cases as JUnit XML'
sarif\t'What belongs to lines of recordings, for code scanning'
github\t'The same as GitHub annotations'"
complete -c agent-spm -n "__fish_agent_spm_using_subcommand simulate" -s o -l output -d 'Write the answer to a file, whole or not at all, instead of to standard output; beside decisions (`jsonl`, `csv`), FILE.made-from.json names what they were made from' -r -F
complete -c agent-spm -n "__fish_agent_spm_using_subcommand simulate" -l keys -d 'Keys: a directory of NAME.hmac, NAME.pub.pem and NAME.key.pem, or one such file' -r -F
complete -c agent-spm -n "__fish_agent_spm_using_subcommand simulate" -l secret-file -d 'A file that holds a shared secret and nothing else; `-` for standard input' -r -F
complete -c agent-spm -n "__fish_agent_spm_using_subcommand simulate" -l secret-env -d 'The name of the variable that holds a shared secret [default: AGENT_SPM_SECRET, if no key is given]' -r
complete -c agent-spm -n "__fish_agent_spm_using_subcommand simulate" -l color -d 'When to use colours; NO_COLOR turns `auto` off' -r -f -a "auto\t''
always\t''
never\t''"
complete -c agent-spm -n "__fish_agent_spm_using_subcommand simulate" -l suggest -d 'Draft a least-privilege policy from the recordings, as YAML, instead of deciding by one'
complete -c agent-spm -n "__fish_agent_spm_using_subcommand simulate" -l coverage -d 'Say which rules decided a call, and which of their conditions were seen to hold and to fail'
complete -c agent-spm -n "__fish_agent_spm_using_subcommand simulate" -l strict -d 'Stop at the first line that cannot be read'
complete -c agent-spm -n "__fish_agent_spm_using_subcommand simulate" -l sign-report -d 'Sign the answer: write a signature of every byte of it beside it, as FILE.sig; of decisions (`jsonl`, `csv`), sign FILE.made-from.json, which holds their digest'
complete -c agent-spm -n "__fish_agent_spm_using_subcommand simulate" -s q -l quiet -d 'Say nothing on standard error but why there is no answer'
complete -c agent-spm -n "__fish_agent_spm_using_subcommand simulate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c agent-spm -n "__fish_agent_spm_using_subcommand audit-replay" -l from -d 'Events from this time on: RFC 3339, `2026-01-15`, `2026-01-15 10:30`, or `-24h` before now' -r
complete -c agent-spm -n "__fish_agent_spm_using_subcommand audit-replay" -l to -d 'Events before this time' -r
complete -c agent-spm -n "__fish_agent_spm_using_subcommand audit-replay" -l last -d 'Events of as long before now, such as `24h`' -r
complete -c agent-spm -n "__fish_agent_spm_using_subcommand audit-replay" -l agent -d 'Events of these agents; `*` stands for any text' -r
complete -c agent-spm -n "__fish_agent_spm_using_subcommand audit-replay" -l exclude-agent -d 'No events of these agents' -r
complete -c agent-spm -n "__fish_agent_spm_using_subcommand audit-replay" -l tool -d 'Events about these tools' -r
complete -c agent-spm -n "__fish_agent_spm_using_subcommand audit-replay" -l exclude-tool -d 'No events about these tools' -r
complete -c agent-spm -n "__fish_agent_spm_using_subcommand audit-replay" -l environment -d 'Events in these environments' -r
complete -c agent-spm -n "__fish_agent_spm_using_subcommand audit-replay" -l exclude-environment -d 'No events in these environments' -r
complete -c agent-spm -n "__fish_agent_spm_using_subcommand audit-replay" -l outcome -d 'Events with these outcomes, recorded or effective' -r -f -a "ALLOW\t''
DENY\t''
REQUIRE_APPROVAL\t''
STEP_UP\t''
REQUIRE_TICKET\t''
REQUIRE_HUMAN\t''
APPROVED\t''
REJECTED\t''
KILL_SWITCH\t''
RATE_LIMITED\t''
TIMEOUT\t''"
complete -c agent-spm -n "__fish_agent_spm_using_subcommand audit-replay" -l exclude-outcome -d 'No events with these outcomes' -r -f -a "ALLOW\t''
DENY\t''
REQUIRE_APPROVAL\t''
STEP_UP\t''
REQUIRE_TICKET\t''
REQUIRE_HUMAN\t''
APPROVED\t''
REJECTED\t''
KILL_SWITCH\t''
RATE_LIMITED\t''
TIMEOUT\t''"
complete -c agent-spm -n "__fish_agent_spm_using_subcommand audit-replay" -l code -d 'Events with these reason codes' -r
complete -c agent-spm -n "__fish_agent_spm_using_subcommand audit-replay" -l exclude-code -d 'No events with these reason codes' -r
complete -c agent-spm -n "__fish_agent_spm_using_subcommand audit-replay" -l severity -d 'Events as severe as this' -r -f -a "low\t''
medium\t''
high\t''
critical\t''"
complete -c agent-spm -n "__fish_agent_spm_using_subcommand audit-replay" -l exclude-severity -d 'No events as severe as this' -r -f -a "low\t''
medium\t''
high\t''
critical\t''"
complete -c agent-spm -n "__fish_agent_spm_using_subcommand audit-replay" -l guardian -d 'What a guardian would have found: `engineering`, `finance`, `soc`, or a file of its configuration [default: that of --pipeline]' -r -F
complete -c agent-spm -n "__fish_agent_spm_using_subcommand audit-replay" -l around -d 'Show the events around an incident, by the beginning of its id' -r
complete -c agent-spm -n "__fish_agent_spm_using_subcommand audit-replay" -l around-window -d 'How long before and after the incident, such as `5m`' -r
complete -c agent-spm -n "__fish_agent_spm_using_subcommand audit-replay" -l pivots -d 'Write the agents, tools, requests, codes and plugins of incidents to a file, one a line, for `grep -Ff`' -r -F
complete -c agent-spm -n "__fish_agent_spm_using_subcommand audit-replay" -l policy -d 'Decide the events again by this bundle, and compare' -r -F
complete -c agent-spm -n "__fish_agent_spm_using_subcommand audit-replay" -l calls -d 'Recordings of the calls, as `simulate` reads them: what they hold is decided exactly' -r -F
complete -c agent-spm -n "__fish_agent_spm_using_subcommand audit-replay" -l call-environment -d 'The environment of calls whose recording does not say' -r
complete -c agent-spm -n "__fish_agent_spm_using_subcommand audit-replay" -l call-agent-id -d 'The agent of calls whose recording does not say' -r
complete -c agent-spm -n "__fish_agent_spm_using_subcommand audit-replay" -l call-agent-type -d 'The agent type of calls whose recording does not say' -r
complete -c agent-spm -n "__fish_agent_spm_using_subcommand audit-replay" -l call-trust-level -d 'The trust level of calls whose recording does not say' -r -f -a "untrusted\t''
basic\t''
verified\t''
privileged\t''
system\t''"
complete -c agent-spm -n "__fish_agent_spm_using_subcommand audit-replay" -l keys -d 'Keys: a directory of NAME.hmac, NAME.pub.pem and NAME.key.pem, or one such file' -r -F
complete -c agent-spm -n "__fish_agent_spm_using_subcommand audit-replay" -l secret-file -d 'A file that holds a shared secret and nothing else; `-` for standard input' -r -F
complete -c agent-spm -n "__fish_agent_spm_using_subcommand audit-replay" -l secret-env -d 'The name of the variable that holds a shared secret [default: AGENT_SPM_SECRET, if no key is given]' -r
complete -c agent-spm -n "__fish_agent_spm_using_subcommand audit-replay" -l checkpoint -d 'Checkpoints of the log, if they are not beside it as LOG.checkpoint' -r -F
complete -c agent-spm -n "__fish_agent_spm_using_subcommand audit-replay" -l max-gap -d 'Report silences longer than this, such as `30m`' -r
complete -c agent-spm -n "__fish_agent_spm_using_subcommand audit-replay" -l pipeline -d 'The pipeline file of the platform: its guardian, its plugins, and how many events its log keeps' -r -F
complete -c agent-spm -n "__fish_agent_spm_using_subcommand audit-replay" -l time-zone -d 'Whose clocks show the times of tables, of --from and --to, and of a guardian that names none: such as `Europe/London` or `+05:30` [default: UTC]' -r
complete -c agent-spm -n "__fish_agent_spm_using_subcommand audit-replay" -l show -d 'How many events the timeline shows' -r
complete -c agent-spm -n "__fish_agent_spm_using_subcommand audit-replay" -l fail-on -d 'What turns the exit code to 1' -r -f -a "proof\t'Something proves that the log is not as it was written'
indicator\t'Something might have an innocent reason'
unanchored\t'No checkpoint that a known key signed anchors the log'
unreadable\t'A line could not be read'
incident\t'The guardian found something'
divergence\t'The policy of --policy decides otherwise'
leak\t'An event holds personal data, a card number, a credential, or arguments'
never\t'Nothing'"
complete -c agent-spm -n "__fish_agent_spm_using_subcommand audit-replay" -s j -l jobs -d 'Threads; the answer is the same with any number [default: one a core]' -r
complete -c agent-spm -n "__fish_agent_spm_using_subcommand audit-replay" -l base-dir -d 'The directory that no policy file may lie outside of, by `..` or by a link' -r -F
complete -c agent-spm -n "__fish_agent_spm_using_subcommand audit-replay" -l at -d 'Take this for the present, RFC 3339 [default: the clock\'s]' -r
complete -c agent-spm -n "__fish_agent_spm_using_subcommand audit-replay" -l export -d 'Give the events and incidents in this format, instead of the report' -r -f -a "cef\t'Common Event Format (ArcSight, Microsoft Sentinel, most SIEMs)'
leef\t'LEEF 1.0 (IBM QRadar)'
leef2\t'LEEF 2.0 with the delimiter written as x09 (IBM QRadar)'
ecs\t'Elastic Common Schema 9.4, JSON Lines (Elasticsearch, Elastic Security)'
ocsf\t'OCSF 1.8, JSON Lines: API Activity and Detection Finding (Amazon Security Lake)'
timesketch\t'Timesketch; call the file NAME.jsonl'
jsonl\t'JSON Lines: everything that an event says, and what it comes to'
csv\t'CSV for spreadsheets: no formulas, a line a row, hidden characters shown'
csv-raw\t'CSV for programs: RFC 4180, every value as it was, but what is sensitive masked'"
complete -c agent-spm -n "__fish_agent_spm_using_subcommand audit-replay" -l syslog -d 'Send each record as a syslog message (RFC 5424), one told from the next by this' -r -f -a "lines\t'A line a message: for files'
octets\t'Its length before each message (RFC 6587): for TCP and TLS'"
complete -c agent-spm -n "__fish_agent_spm_using_subcommand audit-replay" -l syslog-host -d 'The name of the host in syslog messages' -r
complete -c agent-spm -n "__fish_agent_spm_using_subcommand audit-replay" -l format -d 'The form of the answer' -r -f -a "human\t'Tables for people'
json\t'One JSON document with a versioned `schema`'
html\t'One page that loads nothing and runs nothing, to hand on'
markdown\t'GitHub-flavoured Markdown, for a ticket'"
complete -c agent-spm -n "__fish_agent_spm_using_subcommand audit-replay" -s o -l output -d 'Write the answer to a file, whole or not at all, instead of to standard output' -r -F
complete -c agent-spm -n "__fish_agent_spm_using_subcommand audit-replay" -l color -d 'When to use colours; NO_COLOR turns `auto` off' -r -f -a "auto\t''
always\t''
never\t''"
complete -c agent-spm -n "__fish_agent_spm_using_subcommand audit-replay" -l strict -d 'Stop at the first line that cannot be read'
complete -c agent-spm -n "__fish_agent_spm_using_subcommand audit-replay" -l evidence -d 'Show what the log, the policy and the pipeline show of what laws and frameworks ask for, and the fleet\'s risk scores'
complete -c agent-spm -n "__fish_agent_spm_using_subcommand audit-replay" -s q -l quiet -d 'Say nothing on standard error but why there is no answer'
complete -c agent-spm -n "__fish_agent_spm_using_subcommand audit-replay" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c agent-spm -n "__fish_agent_spm_using_subcommand schema" -l color -d 'When to use colours; NO_COLOR turns `auto` off' -r -f -a "auto\t''
always\t''
never\t''"
complete -c agent-spm -n "__fish_agent_spm_using_subcommand schema" -s q -l quiet -d 'Say nothing on standard error but why there is no answer'
complete -c agent-spm -n "__fish_agent_spm_using_subcommand schema" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c agent-spm -n "__fish_agent_spm_using_subcommand help; and not __fish_seen_subcommand_from sign verify lint simulate audit-replay schema help" -f -a "sign" -d 'Sign bundles and directories in place: only the lines of signature, dates and revision change'
complete -c agent-spm -n "__fish_agent_spm_using_subcommand help; and not __fish_seen_subcommand_from sign verify lint simulate audit-replay schema help" -f -a "verify" -d 'Check signatures: is this signed by whom I trust, over all of it, and still valid?'
complete -c agent-spm -n "__fish_agent_spm_using_subcommand help; and not __fish_seen_subcommand_from sign verify lint simulate audit-replay schema help" -f -a "lint" -d 'Find everything wrong with bundles, pipeline files, registries and MCP manifests'
complete -c agent-spm -n "__fish_agent_spm_using_subcommand help; and not __fish_seen_subcommand_from sign verify lint simulate audit-replay schema help" -f -a "simulate" -d 'Decide recorded calls by a policy: what would it have done to them?'
complete -c agent-spm -n "__fish_agent_spm_using_subcommand help; and not __fish_seen_subcommand_from sign verify lint simulate audit-replay schema help" -f -a "audit-replay" -d 'Read an audit log: what happened, and can it be trusted?'
complete -c agent-spm -n "__fish_agent_spm_using_subcommand help; and not __fish_seen_subcommand_from sign verify lint simulate audit-replay schema help" -f -a "schema" -d 'Print the JSON Schema of a document, for editors'
complete -c agent-spm -n "__fish_agent_spm_using_subcommand help; and not __fish_seen_subcommand_from sign verify lint simulate audit-replay schema help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
