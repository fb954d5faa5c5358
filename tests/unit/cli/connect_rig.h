#pragma once
// A temporary user home for the shell, with every tool's settings.
#include <sys/stat.h>

#include <initializer_list>

#include "cli_rig.h"

namespace connect_rig {

using namespace cli_rig;

inline std::string read(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

class User {
  public:
    User() : home(std::filesystem::temp_directory_path() / ("hearth_user_" + std::to_string(getpid()))) {
        std::filesystem::remove_all(home);
        std::filesystem::create_directories(home);
        if (const char* own = std::getenv("HOME")) before_ = own;
        ::setenv("HOME", home.c_str(), 1);
        for (const auto* name : {"XDG_CONFIG_HOME", "CODEX_HOME", "CLAUDE_CONFIG_DIR", "GEMINI_CLI_HOME",
                                 "CLINE_DIR", "CLINE_DATA_DIR", "CLINE_PROVIDER_SETTINGS_PATH",
                                 "CONTINUE_GLOBAL_DIR", "ANTHROPIC_API_KEY", "HEARTH_SERVER_REQUIRE_KEYS"})
            ::unsetenv(name);
    }
    ~User() {
        std::filesystem::remove_all(home);
        ::setenv("HOME", before_.c_str(), 1);
    }
    User(const User&) = delete;
    User& operator=(const User&) = delete;

    std::filesystem::path put(const std::string& name, const std::string& text, unsigned mode = 0644) const {
        const auto path = home / name;
        std::filesystem::create_directories(path.parent_path());
        std::ofstream(path, std::ios::binary) << text;
        REQUIRE(::chmod(path.c_str(), mode) == 0);
        return path;
    }
    std::string text(const std::string& name) const { return read(home / name); }
    bool has(const std::string& name) const { return std::filesystem::exists(home / name); }
    unsigned mode(const std::string& name) const {
        struct stat info{};
        REQUIRE(::stat((home / name).c_str(), &info) == 0);
        return info.st_mode & 07777;
    }
    std::filesystem::path home;

  private:
    std::string before_;
};

}  // namespace connect_rig
