namespace KisFeed.Gateway.Tests.Load;

/// <summary>Tests that look at how much memory the process has, and so have it to themselves.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class MemoryCollection
{
    public const string Name = "memory";
}
