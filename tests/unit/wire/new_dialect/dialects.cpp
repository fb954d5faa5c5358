// The product's table with one more line. This program is linked with it in place of the product's own.
#include "unit/wire/new_dialect/echo/codec.h"

#define HEARTH_TEST_DIALECT echo::kDialect
#include "wire/dialects.cpp"
