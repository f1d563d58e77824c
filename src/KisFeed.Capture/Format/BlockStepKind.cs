namespace KisFeed.Capture;

/// <summary>What can stand next in a file of blocks.</summary>
internal enum BlockStepKind
{
    /// <summary>A whole block; whether it is sound shows when it is unpacked.</summary>
    Block,

    /// <summary>Something that is no whole block.</summary>
    Rubbish,

    /// <summary>Nothing: the file ends.</summary>
    End,
}
