#pragma once

/// Puts a counting layer over SQLite's default file system layer, for every database opened from here on. Any thread;
/// later calls change nothing. Returns SQLite's result code.
int csync_install(void);

/// How often files whose path begins with `prefix` were synced since they were first opened. Any thread.
int csync_count(const char *prefix);
