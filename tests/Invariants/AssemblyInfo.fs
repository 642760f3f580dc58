module internal Fovea.Invariants.AssemblyInfo

open System.Runtime.CompilerServices

[<assembly: InternalsVisibleTo "Fovea.Tests">]
do ()
