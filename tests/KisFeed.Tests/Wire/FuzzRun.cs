using System.Globalization;
using KisFeed.Testing;

namespace KisFeed.Tests.Wire;

/// <summary>
/// Feeds mutated inputs to a check. A failure prints its seed; KISFEED_FUZZ_SEED replays one.
/// </summary>
internal static class FuzzRun
{
    private const int HangMinutes = 3;

    /// <summary>The allocation limit of an input: exceptions and pooled buffers, and an amount for each of its bytes.</summary>
    private const int AllocationFloor = 64 * 1024;
    private const int AllocationPerByte = 128;

    public static void Of(int inputs, IReadOnlyList<byte[]> good, Action<byte[]> check)
    {
        var seed = TestRun.SeedFrom("KISFEED_FUZZ_SEED");
        var mutator = new Mutator(new Random(seed), good);
        var done = 0;
        byte[] input = [];
        Exception? failure = null;

        // A separate thread, so that an input on which the code under test hangs is still reported.
        var worker = new Thread(() =>
        {
            try
            {
                foreach (var seedInput in good)
                    check(seedInput);
                for (; done < inputs; done++)
                {
                    input = mutator.Next();
                    var allowed = AllocationFloor + ((long)AllocationPerByte * input.Length);
                    var allocated = Allocated(check, input);

                    // The pools of the framework are refilled after a garbage collection; the allocations of the input itself occur every time.
                    for (var again = 0; again < 3 && allocated > allowed; again++)
                        allocated = Math.Min(allocated, Allocated(check, input));
                    if (allocated > allowed)
                        throw new InvalidOperationException($"{allocated} bytes allocated for {input.Length} bytes of input");
                }
            }
            catch (Exception e)
            {
                failure = e;
            }
        })
        { IsBackground = true };
        worker.Start();
        var ended = worker.Join(TimeSpan.FromMinutes(HangMinutes));
        if (ended && failure is null)
            return;
        Assert.Fail($"KISFEED_FUZZ_SEED={seed.ToString(CultureInfo.InvariantCulture)}, input {done}: {Convert.ToHexString(input)}{Environment.NewLine}{(ended ? failure : "hangs")}");
    }

    private static long Allocated(Action<byte[]> check, byte[] input)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        check(input);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
