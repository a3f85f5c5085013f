-- Health of PciDeviceSpec, HostPciInventory and PciAllocation for Argo CD (the string library is not available here).
local health = {status = "Progressing", message = "waiting for the operator"}
if obj.spec ~= nil and obj.spec.paused then
  health.status = "Suspended"
  health.message = "spec.paused is set"
  return health
end
if obj.status == nil or obj.status.conditions == nil then
  return health
end
if obj.status.observedGeneration == nil or obj.status.observedGeneration < obj.metadata.generation then
  health.message = "waiting for the operator to act on the latest change"
  return health
end
local ready = nil
for _, condition in ipairs(obj.status.conditions) do
  if condition.type == "Stalled" and condition.status == "True" then
    health.status = "Degraded"
    health.message = condition.reason .. ": " .. condition.message
    return health
  end
  if condition.type == "Ready" then
    ready = condition
  end
end
if ready ~= nil then
  if ready.status == "True" then
    health.status = "Healthy"
  end
  health.message = ready.reason .. ": " .. ready.message
end
return health
