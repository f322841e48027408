#include "system/process.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <string>

#include "test_files.h"

namespace disksnoop {
namespace {

class Process : public ::testing::Test {
 protected:
  TemporaryDirectory directory_;
  Root root_{directory_.path()};
};

TEST_F(Process, ThatIsThereMayBeAskedFor) {
  directory_.write("/proc/12/status", "Name:\tdd\nTgid:\t12\nPid:\t12\n");
  EXPECT_TRUE(check_process(root_, 12));
  EXPECT_TRUE(check_process(Root(), static_cast<std::uint32_t>(::getpid())));
}

TEST_F(Process, ThatIsNotThereIsTold) {
  const auto checked = check_process(root_, 13);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().message, "no process 13");
}

TEST_F(Process, AThreadIsToldWithItsProcess) {
  directory_.write("/proc/14/status", "Name:\tdd\nTgid:\t12\nPid:\t14\n");
  const auto checked = check_process(root_, 14);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().message, "14 is a thread of process 12: use -p 12");
}

TEST_F(Process, IsCalledAsAnyOfItsThreads) {
  directory_.write("/proc/12/task/12/comm", "main\n");
  directory_.write("/proc/12/task/14/comm", "a worker\n");
  directory_.write("/proc/sys/task/1/comm", "none\n");
  directory_.write("/proc/15/task/15/comm", "kworker/0:0H-events_highpri\n");
  EXPECT_TRUE(is_any_called(root_, "main"));
  EXPECT_TRUE(is_any_called(root_, "kworker/0:0H"));
  EXPECT_FALSE(is_any_called(root_, "kworker/0:0"));
  EXPECT_TRUE(is_any_called(root_, "a worker"));
  EXPECT_FALSE(is_any_called(root_, "a work"));
  EXPECT_FALSE(is_any_called(root_, "none"));
}

TEST_F(Process, WithoutProcThereIsNoOtherNamespace) { EXPECT_FALSE(own_pid_namespace(root_)); }

TEST_F(Process, AnotherNamespaceThanTheFirstHasAnInode) {
  directory_.write("/proc/self/ns/pid", "");  // a file of another inode than the first one's
  ASSERT_TRUE(own_pid_namespace(root_));
  EXPECT_NE(own_pid_namespace(root_)->inode, 0U);
}

}  // namespace
}  // namespace disksnoop
