// The plotting library, as the script before these defines it.
declare const uPlot: typeof import('uplot');
