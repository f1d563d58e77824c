namespace KisFeed.Tests.Wire;

/// <summary>Runs a check on mutated inputs. A failure prints its seed; KISFEED_FUZZ_SEED replays it.</summary>
internal static class FuzzRun
{
    private const int HangMinutes = 3;

    /// <summary>The allocation limit of an input: a fixed amount for exceptions and pooled buffers, and an amount per byte.</summary>
    private const int AllocationFloor = 64 * 1024;
    private const int AllocationPerByte = 128;

    public static void Of(int inputs, IReadOnlyList<byte[]> validInputs, Action<byte[]> check)
    {
        var seed = TestRun.SeedFrom("KISFEED_FUZZ_SEED");
        var mutator = new Mutator(new Random(seed), validInputs);
        var count = 0;
        byte[] input = [];
        Exception? failure = null;

        // A separate thread, so that an input on which the code under test hangs is still reported.
        var worker = new Thread(() =>
        {
            try
            {
                foreach (var seedInput in validInputs)
                    check(seedInput);
                for (; count < inputs; count++)
                {
                    input = mutator.Next();
                    var limit = AllocationFloor + ((long)AllocationPerByte * input.Length);
                    var allocated = Allocated(check, input);

                    // The framework refills its pools after a garbage collection; the allocations of the input itself occur every time.
                    for (var retry = 0; retry < 3 && allocated > limit; retry++)
                        allocated = Math.Min(allocated, Allocated(check, input));
                    if (allocated > limit)
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
        var completed = worker.Join(TimeSpan.FromMinutes(HangMinutes));
        if (completed && failure is null)
            return;
        Assert.Fail($"KISFEED_FUZZ_SEED={seed.ToString(CultureInfo.InvariantCulture)}, input {count}: "
            + $"{Convert.ToHexString(input)}{Environment.NewLine}{(completed ? failure : "hangs")}");
    }

    private static long Allocated(Action<byte[]> check, byte[] input)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        check(input);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
