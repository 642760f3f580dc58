// What every script loads: Fovea, from the folder that `dotnet fsi build.fsx build` makes.
// "Unable to find the file ... Fovea.Core.dll" (FS0078) means that it has not been built yet.

#I "../artifacts/fovea"
#r "MathNet.Numerics.dll"
#r "Spectre.Console.dll"
#r "Argu.dll"
#r "FsCheck.dll"
#r "Fovea.Core.dll"
#r "Fovea.Pipelines.dll"
#r "Fovea.Invariants.dll"

fsi.AddPrinter (fun (shape: Fovea.Core.Shapes.Shape) -> string shape)
fsi.AddPrinter (fun (tensor: Fovea.Core.Tensors.Tensor) -> "\n" + string tensor)
