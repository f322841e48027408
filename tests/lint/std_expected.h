// Put before every file that clang-tidy reads: libstdc++ shows std::expected
// only to a compiler that claims the concepts of 2020, of which clang 16 has
// enough for it.
#pragma once

#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wbuiltin-macro-redefined"
#undef __cpp_concepts
#define __cpp_concepts 202002L
#pragma clang diagnostic pop
