# llama.cpp v0.5.0, prebuilt libraries from the npm package @node-llama-cpp/linux-x64 and headers from the source
# bundle inside node-llama-cpp; tools/deps.sh lays both out under .deps/llama (lib/, src/). Another build of the same
# release can be used with -DHEARTH_LLAMA_ROOT=DIR (DIR/lib/*.so, DIR/src with the source tree).
set(HEARTH_LLAMA_ROOT "${CMAKE_SOURCE_DIR}/.deps/llama" CACHE PATH "llama.cpp v0.5.0: lib/ and src/")

if(EXISTS ${HEARTH_LLAMA_ROOT}/lib/libllama.v0.5.0.so)
    foreach(lib IN ITEMS llama:libllama.v0.5.0.so ggml:libggml.v0.5.0.so ggml_base:libggml-base.so
                         llama_common:libllama-common.so)
        string(REPLACE ":" ";" pair ${lib})
        list(GET pair 0 target)
        list(GET pair 1 file)
        add_library(${target} SHARED IMPORTED)
        set_target_properties(${target} PROPERTIES IMPORTED_LOCATION ${HEARTH_LLAMA_ROOT}/lib/${file}
                                                   IMPORTED_NO_SONAME OFF)
        target_include_directories(${target} SYSTEM INTERFACE ${HEARTH_LLAMA_ROOT}/src/include
            ${HEARTH_LLAMA_ROOT}/src/ggml/include ${HEARTH_LLAMA_ROOT}/src/common ${HEARTH_LLAMA_ROOT}/src/vendor)
    endforeach()
    add_library(hearth_llama INTERFACE)
    target_link_libraries(hearth_llama INTERFACE llama_common llama ggml ggml_base)
    set(HEARTH_HAVE_LLAMA ON)
else()
    message(FATAL_ERROR "llama.cpp v0.5.0 is not under ${HEARTH_LLAMA_ROOT}. Run ./dev deps, which installs it from "
                        "npm, or pass -DHEARTH_LLAMA_ROOT=DIR.")
endif()
