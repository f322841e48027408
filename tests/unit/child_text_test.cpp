#include "system/child_text.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <string>

namespace disksnoop {
namespace {

constexpr unsigned kSeconds = 60;

std::string error_of(const Result<std::string>& text) {
  return text ? "no error, but " + *text : text.error().message;
}

TEST(ChildText, WhatTheChildMakes) {
  EXPECT_EQ(text_of_child([] { return "text"; }, kSeconds), "text");
  EXPECT_EQ(text_of_child([] { return ""; }, kSeconds), "");
  const std::string with_nul("a\0b\0", 4);
  EXPECT_EQ(text_of_child([&] { return with_nul; }, kSeconds), with_nul);
}

/// More than a pipe takes at once.
TEST(ChildText, MayBeLong) {
  const std::string text(3'000'000, 'x');
  EXPECT_EQ(text_of_child([&] { return text; }, kSeconds), text);
}

TEST(ChildText, ItsErrorIsThatOfTheChild) {
  EXPECT_EQ(error_of(text_of_child([] { return fail("it is broken"); }, kSeconds)), "it is broken");
}

TEST(ChildText, AChildThatDiesIsAnErrorThatSaysOfWhat) {
  const auto die_of = [](int number) {
    return error_of(text_of_child(
        [number]() -> Result<std::string> {
          ::raise(number);
          return "";
        },
        kSeconds));
  };
  // Those that others send are blocked.
  EXPECT_EQ(die_of(SIGKILL), "its process died: Killed");
  EXPECT_EQ(error_of(text_of_child([]() -> Result<std::string> { std::abort(); }, kSeconds)),
            "its process died: Aborted");
  EXPECT_EQ(error_of(text_of_child([]() -> Result<std::string> { ::_exit(7); }, kSeconds)),
            "its process died: exit status 7");
}

TEST(ChildText, AChildThatGoesOnForEverIsEnded) {
  const auto text = text_of_child(
      []() -> Result<std::string> {
        volatile bool goes_on = true;
        while (goes_on) {
        }
        return "";
      },
      1);
  EXPECT_EQ(error_of(text), "its process died: Killed");
}

TEST(ChildText, TheChildHasNothingOfItsParentOpen) {
  const auto text = text_of_child(
      [] {
        std::string open;
        for (int fd = 0; fd < 3; ++fd) open += ::fcntl(fd, F_GETFD) < 0 ? "" : std::to_string(fd);
        return open;
      },
      kSeconds);
  EXPECT_EQ(text, "");
}

/// As where the program that started this one lets its children be reaped by nobody.
TEST(ChildText, TheKernelMayReapTheChild) {
  auto* const before = ::signal(SIGCHLD, SIG_IGN);
  EXPECT_EQ(text_of_child([] { return "text"; }, kSeconds), "text");
  ::signal(SIGCHLD, before);
}

}  // namespace
}  // namespace disksnoop
