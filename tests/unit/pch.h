#pragma once
// Precompiled for every unit test: what the rooms have (base/pch.h), and the two test libraries.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "base/pch.h"
