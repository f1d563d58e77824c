namespace KisFeed.Generator;

/// <summary>What the generator knows of one record type.</summary>
internal sealed record RecordModel(
    string Namespace,
    string Name,
    EquatableArray<FeedModel> Feeds,
    EquatableArray<ColumnModel> Columns,
    EquatableArray<RevisionModel> Revisions,
    bool HasEquality,
    EquatableArray<DiagnosticModel> Diagnostics)
{
    /// <summary>The name with its namespace.</summary>
    public string QualifiedName => Namespace.Length > 0 ? $"{Namespace}.{Name}" : Name;

    /// <summary>Whether code can be generated.</summary>
    public bool IsValid => Diagnostics.Count == 0;
}
