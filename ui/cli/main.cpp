// SPDX-License-Identifier: Apache-2.0
// precentral: everything that needs no eye, as text. Exit 0 done, 1 the work failed, 2 wrong usage or unusable input.
#include <cstdio>
#include <exception>
#include <new>

#include "data/error.h"
#include "ui/cli/commands.h"

int main(int argc, char** argv) {
    using namespace precentral;
    CLI::App app{
        "Precentral: navigated TMS of the primary motor cortex in neuropathic pain.\n"
        "Research and record-keeping software. Not a medical device; not cleared by FDA or CE-marked.\n"
        "Confirm side, target and intensity independently."};
    app.name("precentral");
    app.require_subcommand(1);
    app.set_version_flag("--version", "precentral " PRECENTRAL_VERSION);
    app.footer(
        "Try: precentral demo --headless        (no hardware needed)\n"
        "     precentral image info head.nii.gz\n"
        "     precentral COMMAND --help");
    cli::add_demo(app);
    cli::add_case(app);
    cli::add_replay(app);
    cli::add_store(app);
    cli::add_vault(app);
    cli::add_markers(app);
    cli::add_image(app);
    cli::add_head(app);
    cli::add_normalise(app);
    cli::add_register(app);
    cli::add_calibrate(app);
    cli::add_simulate(app);
    cli::add_threshold_run(app);
    cli::add_hotspot_run(app);
    cli::add_simulate_stimulator(app);
    cli::add_stimulator(app);
    cli::add_track(app);
    cli::add_efield(app);
    cli::add_cohort(app);
    cli::add_mep(app);
    cli::add_dose(app);
    try {
        app.parse(argc, argv);
        return 0;
    } catch (const CLI::Success& success) {
        return app.exit(success);
    } catch (const CLI::ParseError& error) {
        app.exit(error);
        return 2;
    } catch (const InputError& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 2;
    } catch (const std::bad_alloc&) {
        std::fputs("There is not enough memory for this.\n", stderr);
        return 1;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
}
