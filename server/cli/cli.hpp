// SPDX-License-Identifier: Apache-2.0
// The command line: what is given decides what runs. Exit codes: 0 done, 1 it could not
// be done or the answer is no, 2 the command line or a document is wrong.
#pragma once

namespace purse::server::cli {

int run(int argc, char** argv);

}  // namespace purse::server::cli
