// After the start: half of what a process has touched by then is code and tables that only starting needs.
#pragma once

namespace earshot::io {

// Lets go of the pages of files that are mapped to be read only (code, constants) and of the heap's free end. Whatever is needed
// again is a page fault away, in the page cache. For once, when everything is open.
void settle_memory();

}  // namespace earshot::io
