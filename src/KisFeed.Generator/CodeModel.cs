namespace KisFeed.Generator;

/// <summary>One known code of a code enum: its characters and its English name.</summary>
internal sealed record CodeModel(string Code, string Name);
