/*
 * The front door of mrascope, and the map of the house.
 *
 *	src/core/	slices, cursors, arenas, text, findings; crypto and XML
 *	src/capture/	where frames come from: pcap, pcapng, NetMon, logs
 *	src/net/	frame to packet: link layers, tunnels, IP, TCP streams
 *	dissectors/	bytes to struct, one pair of files per protocol
 *	src/flow/	whose bytes are these?  stages and joins
 *	src/model/	the evidence and the calls it makes
 *	src/report/	readers of the model: text, JSON, HTML, ...
 *	src/check/	analyses held against expectations and each other
 *	src/ui/		screens of a terminal: keys in, canvas out
 *	src/engine/	reference machines without sockets: server, judge
 *	src/io/		sockets, TLS, and the recorder of both
 *	src/serve/	the engine as a server
 *	src/probe/	the engine as a client, which tries servers
 *	src/cli/	one file per command
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

/* The first is the default. */
const struct command commands[] = {
	{"analyze", "FILE...", "how far each call got, in five stages", false,
	 command_analyze, NULL, NULL},
	{"frames", "FILE...", "one JSON object a line for every message", false,
	 command_frames, NULL, NULL},
	{"check", "PATH...", "hold captures against what is expected of them",
	 false, command_check, NULL, NULL},
	{"diff", "A [B]", "two captures, calls or folders, stage by stage",
	 false, command_diff, NULL, NULL},
	{"extract", "FILE...", "chosen calls with all that belongs to them",
	 false, command_extract, NULL, NULL},
	{"tui", "FILE... | -i IFACE", "the same in a terminal, also live", true,
	 command_tui, NULL, NULL},
	{"live", "-i IFACE", "a line of JSON as calls change stage and end",
	 true, command_live, NULL, NULL},
	{"probe", "SERVER... | --mras URI",
	 "try a STUN or TURN server as its clients do", true, command_probe,
	 NULL, NULL},
	{"rules", "[RULE...]", "what findings there are, and what to do", true,
	 command_rules, NULL, NULL},
	{"serve", "[--listen ...]", "a TURN and STUN server that records", true,
	 NULL, command_serve, serve_tell},
	{"completion", "bash|zsh|fish", "what a shell completes by", true, NULL,
	 command_completion, NULL},
	{NULL, NULL, NULL, false, NULL, NULL, NULL},
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
	int status, skip;

	keep_large_blocks_apart();
	if (own)
		return own->own(argc - 1, argv + 1);
	if (sngrep_is_asked(argc, argv, &skip))
		return sngrep_run(argc - skip, argv + skip);
	if (options_read(argc, argv, &options, &status))
		status = options.command->run(&options);
	options_free(&options);
	return status;
}
