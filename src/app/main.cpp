#include "app/serve.h"
#include "cli/cli.h"

int main(int argc, char** argv) {
    const hearth::cli::Host host{.version = HEARTH_VERSION, .serve = hearth::app::serve};
    return hearth::cli::run(argc, argv, host);
}
