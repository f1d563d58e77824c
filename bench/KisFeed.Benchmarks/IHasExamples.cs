namespace KisFeed.Benchmarks;

/// <summary>A command whose help ends with examples.</summary>
internal interface IHasExamples
{
    /// <summary>What one types behind the name of the program, and what it does.</summary>
    IReadOnlyList<(string Line, string Does)> Examples { get; }
}
