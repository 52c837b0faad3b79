/*
 * The front door of mrascope, and the map of the house.
 *
 *	src/core/	slices, cursors, arenas, text, findings; crypto and XML
 *	src/capture/	where frames come from: pcap, pcapng, NetMon, logs
 *	src/net/	frame to packet: link layers, tunnels, IP, TCP streams
 *	dissectors/	bytes to struct, one pair of files per protocol
 *	src/flow/	whose bytes are these?  stages and joins
 *	src/model/	the evidence and the calls it makes
 *	src/validate/	rules and verdicts over the model
 *	src/report/	readers of the model: text, JSON, HTML, ...
 *	src/check/	analyses held against expectations and each other
 *	src/ui/		screens of a terminal: keys in, canvas out
 *	src/engine/	reference machines without sockets: server, judge
 *	src/io/		sockets, TLS, and the recorder of both
 *	src/serve/	the engine as a server
 *	src/probe/	the engine as a client, which tries servers
 *	src/cli/	the commands, and what several of them need
 *
 * The data goes one way: frame, packet, datagram or stream, message,
 * evidence, call, finding, view.
 */
#include "config.h"

#include <stdlib.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "cli/options.h"
#include "cli/sngrep.h"

#define FILES                                                            \
	"FILE is a capture, a log, a folder, a glob, or - for standard " \
	"input.\n"

/* The first is the default. */
const struct command commands[] = {
	{.name = "analyze",
	 .arguments = "FILE...",
	 .summary = "how far each call got, in five stages",
	 .notes = FILES,
	 .manual = "mrascope(1), mrascope-json(5), mrascope-rules(7)",
	 .run = command_analyze},
	{.name = "frames",
	 .arguments = "FILE...",
	 .summary = "one line of JSON for every message",
	 .notes = FILES,
	 .manual = "mrascope(1), mrascope-json(5)",
	 .run = command_frames},
	{.name = "check",
	 .arguments = "PATH...",
	 .summary = "hold captures against what is expected of them",
	 .notes = "PATH is a capture, a folder, an expectation (.expect), or a "
		  "suite (.yaml).\n",
	 .manual = "mrascope-check(5), mrascope(1)",
	 .run = command_check},
	{.name = "diff",
	 .arguments = "A [B]",
	 .summary = "two captures, calls or folders, stage by stage",
	 .notes =
		 "A and B are captures, folders, or goldens of check; with two "
		 "-c A alone may do.\n",
	 .manual = "mrascope(1), mrascope-check(5)",
	 .run = command_diff},
	{.name = "extract",
	 .arguments = "FILE...",
	 .summary = "chosen calls with all that belongs to them",
	 .notes = FILES,
	 .manual = "mrascope(1)",
	 .run = command_extract},
	{.name = "tui",
	 .arguments = "FILE... | -i IFACE | --follow FILE",
	 .summary = "the calls on the screens of a terminal, also live",
	 .notes = FILES,
	 .manual = "mrascope-tui(1), mrascope(1)",
	 .alone = true,
	 .run = command_tui},
	{.name = "live",
	 .arguments = "-i IFACE | --follow FILE",
	 .summary = "capture, and tell as lines of JSON what becomes of calls",
	 .manual = "mrascope(1), mrascope-json(5)",
	 .alone = true,
	 .run = command_live},
	{.name = "probe",
	 .arguments = "SERVER... | --mras URI | --proxy HOST",
	 .summary = "try a STUN or TURN server as its clients do",
	 .notes = "SERVER is turn:HOST[:PORT][?transport=udp|tcp], turns:..., "
		  "stun:..., or\nHOST[:PORT].  Exit status: 0 all is well, 1 "
		  "something failed or was found,\n2 usage, 3 no such name, 4 "
		  "out of memory.\n",
	 .manual = "mrascope-probe(1), mrascope(1), mrascope-rules(7)",
	 .alone = true,
	 .run = command_probe},
	{.name = "rules",
	 .arguments = "[RULE...]",
	 .summary = "what findings there are, and what to do",
	 .notes = "RULE is the id of a rule, or a stage.\n",
	 .manual = "mrascope-rules(7), mrascope(1)",
	 .alone = true,
	 .run = command_rules},
	{.name = "serve",
	 .arguments = "",
	 .summary = "a TURN, STUN and MRAS server that records what it does",
	 .notes = "Without --listen: 3478 over udp and tcp, 5349 over tls and "
		  "dtls, at all\naddresses.  SIGINT and SIGTERM end it.\n",
	 .manual = "mrascope-serve(1)",
	 .alone = true,
	 .own = command_serve,
	 .tell = serve_tell},
	{.name = "sngrep",
	 .arguments = "[MATCH EXPRESSION] [CAPTURE FILTER]",
	 .summary = "tui with the command line of sngrep",
	 .manual = "mrascope-tui(1)",
	 .alone = true,
	 .own = sngrep_run,
	 .tell = sngrep_tell},
	{.name = "completion",
	 .arguments = "bash|zsh|fish",
	 .summary = "what a shell needs to complete command lines",
	 .manual = "mrascope(1)",
	 .alone = true,
	 .own = command_completion},
	{.name = NULL},
};

#define LARGE_BLOCK 131072

/*
 * Large tables grow by moving pages, not bytes, and leave no holes.  Mostly
 * they are not used to their end: fresh pages cost nothing, those of a table
 * before would be zeroed by hand.
 */
static void keep_large_blocks_apart(void)
{
#ifdef __GLIBC__
	(void)mallopt(M_MMAP_THRESHOLD, LARGE_BLOCK);
#endif
}

int main(int argc, char **argv)
{
	struct options options;
	const struct command *own = options_own(argc, argv);
	int status;

	keep_large_blocks_apart();
	if (own)
		return options_run_own(own, argc, argv);
	if (sngrep_is_name(argc, argv))
		return sngrep_run(argc, argv);
	if (options_read(argc, argv, &options, &status))
		status = options.command->run(&options);
	options_free(&options);
	return status;
}
