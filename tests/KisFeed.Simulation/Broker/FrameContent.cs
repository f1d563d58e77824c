namespace KisFeed.Simulation.Broker;

/// <summary>What a frame holds.</summary>
/// <param name="Topics">The topic of each record.</param>
/// <param name="Numbers">The number of each record within its topic.</param>
/// <param name="EncryptedFor">The registration whose key it is encrypted with; <see langword="null"/> where it is plain.</param>
internal sealed record FrameContent(IReadOnlyList<Topic> Topics, IReadOnlyList<long> Numbers, Holding? EncryptedFor)
{
    /// <summary>Whether it was spoilt on the way, so that its records are lost.</summary>
    public bool IsSpoilt { get; init; }

    public override string ToString() =>
        $"{(IsSpoilt ? "spoilt " : "")}{(EncryptedFor is null ? "" : "encrypted ")}frame {string.Join(' ', Topics.Zip(Numbers, (t, n) => $"{t}#{n}"))}";
}
