using BenchmarkDotNet.Attributes;
using KisFeed.Wire;

namespace KisFeed.Benchmarks.Decode;

/// <summary>The ways of reading a frame, for BenchmarkDotNet.</summary>
[MemoryDiagnoser]
public abstract class DecodeBenchmarks<TRecord>
    where TRecord : struct, IFeedRecord<TRecord>
{
    private protected abstract DecodeWork<TRecord> Work { get; }

    /// <summary>As published samples do it.</summary>
    [Benchmark(Baseline = true)]
    public long Split() => Work.Split();

    /// <summary>With the framework's span parsers.</summary>
    [Benchmark]
    public long Utf8Parser() => Work.Spans();

    /// <summary>Into a typed record.</summary>
    [Benchmark]
    public long Typed() => Work.Typed();

    /// <summary>Into a typed record, and every property read.</summary>
    [Benchmark]
    public long TypedAndRead() => Work.TypedAndRead();

    /// <summary>Every column located, three read.</summary>
    [Benchmark]
    public long ThreeOfAll() => Work.ThreeOfAll();

    /// <summary>The limit.</summary>
    [Benchmark]
    public long Scan() => Work.Scan();
}
