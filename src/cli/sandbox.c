/* Rights and system calls. */
#define _GNU_SOURCE /* setresuid, setgroups, syscall */
#include "config.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#if HAVE_SECCOMP
#include <seccomp.h>
#endif

#include "cli/sandbox.h"
#include "core/slice.h"

static bool complain(const char *what)
{
	fprintf(stderr, "mrascope: %s: %s\n", what, strerror(errno));
	return false;
}

/* ---- rights ---- */

static bool who(const char *user, uid_t *uid, gid_t *gid)
{
	const char *sudo_uid = getenv("SUDO_UID"),
		   *sudo_gid = getenv("SUDO_GID");
	uint64_t u, g;
	struct passwd *p;

	if (!user && sudo_uid && sudo_gid &&
	    slice_number(slice_of_text(sudo_uid), UINT32_MAX - 1u, &u) ==
		    STATUS_OK &&
	    slice_number(slice_of_text(sudo_gid), UINT32_MAX - 1u, &g) ==
		    STATUS_OK) {
		*uid = (uid_t)u;
		*gid = (gid_t)g;
		return true;
	}
	p = getpwnam(user ? user : "nobody");
	if (!p) {
		fprintf(stderr, "mrascope: --user %s: there is no such user\n",
			user ? user : "nobody");
		return false;
	}
	*uid = p->pw_uid;
	*gid = p->pw_gid;
	return true;
}

static bool keep_only(uint32_t rights)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {
		{.effective = rights, .permitted = rights}};

	return syscall(SYS_capset, &header, data) == 0;
}

bool sandbox_keep_nothing(void)
{
	return geteuid() == 0 || keep_only(0) ||
	       complain("rights cannot be given up");
}

bool sandbox_become(const char *user)
{
	uid_t uid;
	gid_t gid;

	if (geteuid() != 0 || (user && strcmp(user, "root") == 0))
		return true;
	if (!who(user, &uid, &gid))
		return false;
	if (uid == 0)
		return true;
	if (prctl(PR_SET_KEEPCAPS, 1L, 0L, 0L, 0L) != 0 ||
	    setgroups(0, NULL) != 0 || setresgid(gid, gid, gid) != 0 ||
	    setresuid(uid, uid, uid) != 0)
		return complain("the rights of root cannot be given up");
	/* To open an interface again that went away. */
	if (!keep_only(1u << CAP_NET_RAW))
		return complain("rights cannot be reduced");
	return true;
}

/* ---- system calls ---- */

#if HAVE_SECCOMP

static const char *const allowed[] = {
	"accept4",
	"access",
	"bind",
	"brk",
	"clock_getres",
	"clock_gettime",
	"clock_nanosleep",
	"close",
	"dup",
	"dup2",
	"dup3",
	"epoll_ctl",
	"epoll_wait",
	"eventfd2",
	"exit",
	"exit_group",
	"faccessat",
	"faccessat2",
	"fallocate",
	"fcntl",
	"fdatasync",
	"flock",
	"fstat",
	"fstatfs",
	"fsync",
	"ftruncate",
	"futex",
	"getcwd",
	"getdents64",
	"getegid",
	"geteuid",
	"getgid",
	"getpgrp",
	"getpid",
	"getppid",
	"getrandom",
	"getrusage",
	"getsockname",
	"getsockopt",
	"gettid",
	"gettimeofday",
	"getuid",
	"ioctl",
	"kill",
	"lseek",
	"lstat",
	"madvise",
	"mkdir",
	"mkdirat",
	"mmap",
	"mprotect",
	"mremap",
	"munmap",
	"nanosleep",
	"newfstatat",
	"open",
	"openat",
	"pipe2",
	"poll",
	"ppoll",
	"pread64",
	"prlimit64",
	"pselect6",
	"pwrite64",
	"read",
	"readlink",
	"readv",
	"recvfrom",
	"recvmsg",
	"rename",
	"renameat",
	"renameat2",
	"restart_syscall",
	"rseq",
	"rt_sigaction",
	"rt_sigpending",
	"rt_sigprocmask",
	"rt_sigreturn",
	"rt_sigsuspend",
	"rt_sigtimedwait",
	"sched_getaffinity", /* malloc() asks how many processors there are */
	"sched_yield",
	"select",
	"sendmsg",
	"sendto",
	"set_robust_list",
	"setsockopt",
	"sigaltstack",
	"socket",
	"stat",
	"statx",
	"sysinfo", /* qsort() asks how much memory there is */
	"tgkill",
	"umask",
	"uname",
	"unlink",
	"unlinkat",
	"write",
	"writev",
};

static bool allow(scmp_filter_ctx filter, const char *name)
{
	int call = seccomp_syscall_resolve_name(name);

	/* Some architectures lack old ones. */
	return call == __NR_SCMP_ERROR || call < 0 ||
	       seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 0) == 0;
}

bool sandbox_close(bool connects)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	bool fine = filter != NULL && (!connects || allow(filter, "connect"));

	for (size_t i = 0; fine && i < sizeof(allowed) / sizeof(allowed[0]);
	     i++)
		fine = allow(filter, allowed[i]);
	fine = fine && seccomp_load(filter) == 0;
	seccomp_release(filter);
	return fine ? true
		    : complain("system calls cannot be restricted; "
			       "--no-sandbox does without");
}

#else

bool sandbox_close(bool connects)
{
	(void)connects;
	return true;
}

#endif
