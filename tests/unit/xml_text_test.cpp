#include "render/xml_text.h"

#include <gtest/gtest.h>

namespace disksnoop {
namespace {

TEST(XmlText, WhatHasAMeaningIsAnEntity) {
  EXPECT_EQ(xml_text("</title><script>alert(\"1\" & '2')"),
            "&lt;/title&gt;&lt;script&gt;alert(&quot;1&quot; &amp; &#39;2&#39;)");
  EXPECT_EQ(xml_text("größe 日本"), "größe 日本");
}

TEST(XmlText, WhatXmlForbidsIsItsBytes) {
  EXPECT_EQ(xml_text("a\x1b[2J\x01"), "a\\x1b[2J\\x01");
  EXPECT_EQ(xml_text("\xff\xed\xa0\x80"), "\\xff\\xed\\xa0\\x80");
  EXPECT_EQ(xml_text("\xef\xbf\xbe.\xef\xbf\xbf"), "\\xef\\xbf\\xbe.\\xef\\xbf\\xbf");
  EXPECT_EQ(xml_text("\xef\xbf\xbd"), "\xef\xbf\xbd") << "the one before is allowed";
}

TEST(XmlText, OfALongTextTheEndStays) {
  EXPECT_EQ(shortened("/var/lib/a", 10), "/var/lib/a");
  EXPECT_EQ(shortened("/var/lib/a", 9), "…ar/lib/a");
  EXPECT_EQ(shortened("ääääöü", 3), "…öü") << "characters, not bytes";
}

}  // namespace
}  // namespace disksnoop
