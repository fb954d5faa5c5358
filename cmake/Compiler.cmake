# Compiler choice, flags, ccache and the precompiled header: everything that decides how fast and how safe a build is.
set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
# One code model for rooms and programs (PIE), so that both can use the one precompiled header.

if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 14)
    message(FATAL_ERROR
        "g++ ${CMAKE_CXX_COMPILER_VERSION} compiles coroutines wrongly without a warning (a co_await inside a "
        "condition may never complete). Use clang 19 (apt install clang-19; cmake --preset release) or g++ 14.")
endif()

option(HEARTH_WERROR "Treat warnings as errors" OFF)
option(HEARTH_FUZZ "Build the fuzz targets instead of tests" OFF)
set(HEARTH_SANITIZE "" CACHE STRING "Sanitizers, as for -fsanitize=")
if(NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

set(CMAKE_CXX_FLAGS_RELEASE "-O2")  # names of functions stay for a stack trace; lines would be three quarters of the file
set(debug_level -O1)
if(HEARTH_SANITIZE MATCHES "address" AND NOT HEARTH_FUZZ)
    # The test build: instrumented code takes twice as long to compile at -O1 as at -O0 (62 s against 30 s of processor
    # time for eight sources), and a full build is waited for more often than a test's own seconds.
    set(debug_level -O0)
endif()
set(CMAKE_CXX_FLAGS_DEBUG "${debug_level} -g1 -fno-omit-frame-pointer -D_GLIBCXX_ASSERTIONS -DHEARTH_CHECKED")
add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wno-missing-field-initializers
                    -Wno-gnu-zero-variadic-macro-arguments -ffile-prefix-map=${CMAKE_SOURCE_DIR}=.
                    -fstack-protector-strong -fPIE
                    -Wno-deprecated-declarations)  # clang 19 sees libstdc++ 12 use its own get_temporary_buffer
add_link_options(-pie)
if(HEARTH_WERROR)
    add_compile_options(-Werror)
endif()
if(HEARTH_SANITIZE)
    # vptr off: the check uses system calls that a confined worker may not make, and costs compile time.
    # null and object-size off: a null pointer ends in ASan's report anyway, object-size sees nothing at -O0; together with
    # alignment, which x86 does not mind, they are an eighth of the compile time.
    add_compile_options(-fsanitize=${HEARTH_SANITIZE} -fno-sanitize-recover=all
                        -fno-sanitize=vptr,null,object-size,alignment)
    add_link_options(-fsanitize=${HEARTH_SANITIZE})
endif()
if(HEARTH_FUZZ)
    add_compile_options(-fsanitize=fuzzer-no-link)
endif()

option(HEARTH_COVERAGE "Count which lines run, for ./dev coverage" OFF)
if(HEARTH_COVERAGE)
    add_compile_options(-fprofile-instr-generate -fcoverage-mapping)
    add_link_options(-fprofile-instr-generate)
endif()

# The road of a request is long and runs once for each: what it costs is mostly code that is not in the processor's cache.
# With a profile the compiler puts what runs together and the rest out of the way, a sixth less user time for a request
# (docs/decisions/2026-11-22-profile-guided-release-builds.md). `./dev profile` makes it anew; functions that have changed
# since are compiled as without one.
set(HEARTH_PROFILE "use" CACHE STRING "Profile of the road: use, make or off")
set(profile ${CMAKE_SOURCE_DIR}/cmake/proxy.profdata)
# Names of functions that are private to a file are told apart by the file's name, not by its path on this machine.
set(profile_names "SHELL:-mllvm -static-func-full-module-prefix=false")
if(HEARTH_PROFILE STREQUAL "make")
    add_compile_options(-fprofile-generate -fprofile-update=atomic ${profile_names})
    add_link_options(-fprofile-generate)
elseif(HEARTH_PROFILE STREQUAL "use" AND EXISTS ${profile} AND CMAKE_BUILD_TYPE STREQUAL "Release"
       AND CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND CMAKE_CXX_COMPILER_VERSION MATCHES "^19")
    add_compile_options(-fprofile-use=${profile} ${profile_names} -Wno-profile-instr-out-of-date
                        -Wno-profile-instr-unprofiled -Wno-backend-plugin)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${profile})
endif()
add_link_options(-fuse-ld=lld)

find_program(HEARTH_CCACHE ccache)
if(HEARTH_CCACHE)
    # Sloppiness lets ccache hit with a precompiled header; base_dir lets build folders share one cache.
    set(launcher ${CMAKE_COMMAND} -E env
        CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 CCACHE_DEPEND=1
        CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${HEARTH_CCACHE})
    set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})
    set(CMAKE_C_COMPILER_LAUNCHER ${launcher})
    add_compile_options($<$<COMPILE_LANG_AND_ID:CXX,Clang>:-Xclang> $<$<COMPILE_LANG_AND_ID:CXX,Clang>:-fno-pch-timestamp>)
endif()
