#include "system/listen_address.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <string>

#include "system/unique_fd.h"

namespace disksnoop {
namespace {

TEST(ListenAddress, IsOfThisMachineUnlessTold) {
  for (const auto& [text, canonical] :
       {std::pair{"10101", "127.0.0.1:10101"}, std::pair{"10.1.2.3:1", "10.1.2.3:1"},
        std::pair{"0.0.0.0:65535", "0.0.0.0:65535"}, std::pair{"[::1]:80", "[::1]:80"},
        std::pair{"[::]:80", "[::]:80"}}) {
    const auto address = parse_listen_address(text);
    ASSERT_TRUE(address) << text;
    EXPECT_EQ(address->text(), canonical);
  }
}

TEST(ListenAddress, TheFirstThingThatIsWrongIsTold) {
  for (const std::string text : {"", "0", "65536", "-1", "port", "127.0.0.1:", "127.0.0.1:0"}) {
    const auto address = parse_listen_address(text);
    ASSERT_FALSE(address) << text;
    EXPECT_EQ(address.error().message, "'" + text + "' has no port from 1 to 65535");
  }
  for (const std::string text : {":10101", "localhost:10101", "::1:10101", "[127.0.0.1]:10101",
                                 "[]:10101", "1.2.3:80", "[::1:80"}) {
    const auto address = parse_listen_address(text);
    ASSERT_FALSE(address) << text;
    EXPECT_EQ(address.error().message, "'" + text + "' has no address like 127.0.0.1");
  }
}

TEST(ListenAddress, OneThatIsInUseIsToldBefore) {
  const UniqueFd other(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(::bind(other.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  ASSERT_EQ(::listen(other.get(), 1), 0);
  socklen_t length = sizeof(address);
  ASSERT_EQ(::getsockname(other.get(), reinterpret_cast<sockaddr*>(&address), &length), 0);
  const ListenAddress used{"127.0.0.1", ntohs(address.sin_port)};
  const auto can = check_listening(used);
  ASSERT_FALSE(can);
  EXPECT_EQ(can.error().message, "cannot listen on " + used.text() + ": Address already in use");
}

TEST(ListenAddress, OneOfAnotherMachineIsToldBefore) {
  const auto can = check_listening({"192.0.2.1", 10101});  // TEST-NET-1, which nobody has
  ASSERT_FALSE(can);
  EXPECT_EQ(can.error().message,
            "cannot listen on 192.0.2.1:10101: Cannot assign requested address");
}

}  // namespace
}  // namespace disksnoop
