// fake_hub ORG/REPO FILE...: serves the files as that repository until its standard input ends. Prints its URL for
// HF_ENDPOINT. --token T requires one; --cut N ends the first file after N bytes; --wrong reports a wrong checksum.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "base/sha256.h"
#include "hub/hub_server.h"

int main(int argc, char** argv) {
    hearth::test::HubServer hub;
    std::string repository;
    bool wrong = false;
    for (int i = 1; i < argc; ++i) {
        const std::string argument = argv[i];
        if (argument == "--token" && i + 1 < argc) {
            hub.behaviour.token = argv[++i];
        } else if (argument == "--cut" && i + 1 < argc) {
            hub.behaviour.cut_after = std::strtoul(argv[++i], nullptr, 10);
        } else if (argument == "--wrong") {
            wrong = true;
        } else if (repository.empty()) {
            repository = argument;
        } else {
            std::ifstream in(argument, std::ios::binary);
            std::ostringstream bytes;
            bytes << in.rdbuf();
            auto sum = hearth::to_hex(hearth::sha256(bytes.str()));
            if (wrong) sum[0] = sum[0] == '0' ? '1' : '0';
            hub.repositories[repository][std::filesystem::path(argument).filename().string()] = {bytes.str(),
                                                                                                 sum};
        }
    }
    std::printf("%s\n", hub.url().c_str());
    std::fflush(stdout);
    char ignored[64];
    while (::read(0, ignored, sizeof ignored) > 0) {
    }
    return 0;
}
