#include "app/recording.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "app/json_rows.h"
#include "test_fds.h"

namespace disksnoop {
namespace {

using State = EventSource::State;

TEST(RecordingKind, IsToldByTheFirstLine) {
  EXPECT_EQ(kind_of_recording("{\"bytes\":1}\n"), RecordingKind::kRows);
  EXPECT_EQ(kind_of_recording("\n\r\n{"), RecordingKind::kRows);
  EXPECT_EQ(kind_of_recording("          <idle>-0       [001] dNh.    78.860577: "),
            RecordingKind::kStream);
  EXPECT_EQ(kind_of_recording("#"), RecordingKind::kStream);
  EXPECT_EQ(kind_of_recording("\x1f\x8b"), RecordingKind::kStream);
}

TEST(RecordingKind, ACommMayBeginWithABrace) {
  EXPECT_EQ(kind_of_recording("            {foo-249     [000] d.h."), RecordingKind::kStream);
}

TEST(RecordingKind, OfNothingItIsNotKnownYet) {
  for (const std::string_view text : {"", "\n", "   ", "\n \r\n\t"}) {
    EXPECT_EQ(kind_of_recording(text), RecordingKind::kNothing);
  }
}

class RecordingTest : public testing::Test {
 protected:
  Recording recording() {
    return {std::move(pipe_.reader),
            [this](RecordingKind kind, UniqueFd fd,
                   std::string_view read) -> Result<std::unique_ptr<EventSource>> {
              kinds_.push_back(kind);
              return std::make_unique<JsonRows>(
                  std::move(fd), read,
                  [this](const Columns& columns) {
                    begun_.push_back(columns.size());
                    return result_;
                  },
                  [this](const Request& request) {
                    sizes_.push_back(request.bytes.value_or(0));
                    return sizes_.size() < most_;
                  });
            }};
  }
  static Result<State> drain(Recording& from) {
    const auto drained = from.drain();
    if (!drained) return std::unexpected(drained.error());
    return drained->state;
  }

  Pipe pipe_ = make_pipe(O_CLOEXEC | O_NONBLOCK);
  std::size_t most_ = 1000;
  Result<void> result_;
  std::vector<RecordingKind> kinds_;
  std::vector<std::size_t> begun_;
  std::vector<std::uint64_t> sizes_;
};

TEST_F(RecordingTest, WaitsForItsFirstByte) {
  Recording source = recording();
  EXPECT_EQ(drain(source), State::kAgain);
  write_text(pipe_.writer, "\n");
  EXPECT_EQ(drain(source), State::kOpen);
  EXPECT_TRUE(kinds_.empty());
  write_text(pipe_.writer, "{\"bytes\":1}\n{\"bytes\":2}\n{\"by");
  EXPECT_EQ(drain(source), State::kOpen);
  EXPECT_EQ(kinds_, std::vector{RecordingKind::kRows});
  EXPECT_EQ(sizes_, (std::vector<std::uint64_t>{1, 2}));
  write_text(pipe_.writer, "tes\":3}");
  EXPECT_EQ(drain(source), State::kOpen);
  EXPECT_EQ(sizes_.size(), 2U) << "the line goes on, perhaps";
  pipe_.writer = UniqueFd();
  EXPECT_EQ(drain(source), State::kEnded);
  EXPECT_EQ(sizes_, (std::vector<std::uint64_t>{1, 2, 3}));
  EXPECT_EQ(begun_, std::vector<std::size_t>{1}) << "once, with the columns of the first row";
}

TEST_F(RecordingTest, ItsEndWithoutARowIsABeginningToo) {
  Recording source = recording();
  write_text(pipe_.writer, "{}\n");
  pipe_.writer = UniqueFd();
  EXPECT_EQ(drain(source), State::kOpen);
  EXPECT_EQ(drain(source), State::kEnded);
  EXPECT_EQ(begun_, std::vector<std::size_t>{0});
}

TEST_F(RecordingTest, NothingAtAllHasAnEnd) {
  Recording source = recording();
  pipe_.writer = UniqueFd();
  EXPECT_EQ(drain(source), State::kEnded);
  EXPECT_EQ(kinds_, std::vector{RecordingKind::kNothing});
}

TEST_F(RecordingTest, EndsWhenNoMoreAreWanted) {
  most_ = 2;
  Recording source = recording();
  write_text(pipe_.writer, "{\"bytes\":1}\n{\"bytes\":2}\n{\"bytes\":3}\n");
  EXPECT_EQ(drain(source), State::kEnded);
  EXPECT_EQ(sizes_.size(), 2U);
}

TEST_F(RecordingTest, AWrongBeginningEndsIt) {
  result_ = fail("no such column", 2);
  Recording source = recording();
  write_text(pipe_.writer, "{\"bytes\":1}\n");
  const auto drained = source.drain();
  ASSERT_FALSE(drained);
  EXPECT_EQ(drained.error().status, 2);
  EXPECT_TRUE(sizes_.empty());
}

TEST_F(RecordingTest, ALineTooLongIsNoRowAndTheNextOneIs) {
  Recording source = recording();
  write_text(pipe_.writer, "{\"bytes\":1}\n{\"file\":\"");
  EXPECT_EQ(drain(source), State::kOpen);
  const std::string piece(32 * 1024, 'x');
  for (std::size_t size = 0; size < 2 * JsonRows::kLongestLine + 100; size += piece.size()) {
    write_text(pipe_.writer, piece);
    ASSERT_EQ(drain(source), State::kOpen);
  }
  write_text(pipe_.writer, "\",\"bytes\":2}\n{\"bytes\":3}\n");
  EXPECT_EQ(drain(source), State::kOpen);
  EXPECT_EQ(sizes_, (std::vector<std::uint64_t>{1, 3}));
}

}  // namespace
}  // namespace disksnoop
