#include "width.h"

#if DEBUG
_Atomic int postern_width_limit = 64;

void postern_limit_width(int bytes) { postern_width_limit = bytes; }
#else
void postern_limit_width(int bytes) { (void)bytes; }
#endif
