namespace KisFeed.Gateway.Tests.Load;

/// <summary>Tests that measure the memory of the process and therefore must not run in parallel with others.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class MemoryCollection
{
    public const string Name = "memory";
}
