using KisFeed.Feeds;

namespace KisFeed.Benchmarks.Decode;

/// <summary>The sample of H0NXPGM0 and H0UNPGM0.</summary>
public class ProgramDecode : DecodeBenchmarks<ProgramTrade>
{
    private protected override DecodeWork<ProgramTrade> Work { get; } = new(ProgramTrade.Consolidated, Samples.ProgramOfBoth, [2, 6, 7], Samples.ReadAll);
}
