// What the tool says on stderr: a line each, under its name. Names of files and
// processes in it are text of others: the one place where it is escaped. A stderr
// that takes nothing holds nothing up: what it does not take at once, or for the
// first such line within a moment, is dropped.
#pragma once

#include <string>
#include <string_view>

namespace disksnoop {

class Log {
 public:
  explicit Log(bool verbose) : verbose_(verbose) {}

  /// The same, for what is told while rows are written: it never waits.
  Log without_waiting() const;

  bool verbose() const { return verbose_; }
  void error(std::string_view text) const;
  void warning(std::string_view text) const;
  /// What the user is told without asking, and that is nothing bad.
  void info(std::string_view text) const;
  /// Only with --verbose.
  void detail(std::string_view text) const;
  /// Text of others, of several lines; only with --verbose.
  void foreign_text(std::string_view text) const;

 private:
  void write(std::string text) const;

  bool verbose_;
  bool waits_ = true;
};

}  // namespace disksnoop
